"""`podbook doctor`, as it is typed."""

import json
import socket
from pathlib import Path

import pytest

from podbook_cli.app import app
from rig.running import RunningPodbook
from rig.until import eventually
from tests.support.typed import Typed, run


@pytest.fixture(autouse=True)
def _of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for variable in ("PODBOOK_URL", "PODBOOK_CONTEXT", "PODBOOK_TOKEN"):
        monkeypatch.delenv(variable, raising=False)


def marks(typed: Typed) -> dict[str, set[str]]:
    """Return which marks each check has."""
    found: dict[str, set[str]] = {}
    for line in typed.out.splitlines():
        if line[0] != " ":
            found.setdefault(line.split()[1], set()).add(line[0])
    return found


def test_a_laptop_that_serves_is_looked_at_whole(podbook: RunningPodbook) -> None:
    found = run(app, "doctor", "--data-dir", str(podbook.data))
    told = marks(found)

    assert {check for check, said in told.items() if said == {"✓"}} >= {
        *("server", "version", "store", "queue", "clock", "data", "disk", "operator"),
        *("cluster", "definitions", "rights", "pods"),
    }, found.out
    assert found.code == any("✗" in said for said in told.values())


def is_refused(podbook: RunningPodbook, notebook: str) -> bool:
    answer = podbook.http.get(f"/v1/notebooks/{notebook}")
    return answer.is_success and not answer.json()["ready"]


def test_a_notebook_that_cannot_run_is_told_with_its_reason_and_the_exit_code_says_so(
    podbook: RunningPodbook,
) -> None:
    podbook.save("unwell", '{"cells": [')
    try:
        eventually(lambda: is_refused(podbook, "unwell"), "it is found to be no notebook")
        found = run(app, "doctor", "--url", podbook.url, "--format", "json")
    finally:
        podbook.remove("unwell")

    answer = json.loads(found.out)
    wrong = [each for each in answer["findings"] if each["ok"] is False]
    assert (found.code, answer["ok"]) == (1, False)
    assert any("unwell cannot be run" in each["says"] for each in wrong), wrong
    assert all(each["cure"] for each in wrong)
    unseen = [each["check"] for each in answer["findings"] if each["ok"] is None]
    assert unseen == ["cluster"]


def test_a_folder_that_nothing_serves_is_told_what_would_keep_it_from_being(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 5050))
        except OSError:
            pass  # Another program has it: as good.
        else:
            taken.listen()
        words = ("--dir", str(tmp_path), "--data-dir", str(tmp_path / "file" / "data"))
        found = run(app, "doctor", *words)

    assert found.code == 1
    assert {check for check, said in marks(found).items() if said == {"✗"}} >= {
        *("server", "data", "port"),
    }, found.out
    assert f"podbook up {tmp_path}" in found.out
    assert "is no folder" in found.out


def test_the_cluster_behind_a_url_is_looked_at_where_its_context_is_named(
    podbook: RunningPodbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(podbook.kubeconfig))
    context = json.loads(podbook.kubeconfig.read_text())["current-context"]
    named = ("--kube-context", context, "--namespace", "default")

    found = run(app, "doctor", "--url", podbook.url, *named)
    context_of_nobody = run(app, "doctor", "--url", podbook.url, "--kube-context", "nobody")

    told = marks(found)
    assert {told[check].pop() for check in ("server", "cluster", "definitions", "rights")} == {"✓"}
    # This cluster has no Deployments: that nobody could look is said, and is no fault.
    assert told["parts"] == {"-"}
    assert marks(context_of_nobody)["cluster"] == {"✗"}


def test_a_server_that_is_away_is_a_finding_and_no_error() -> None:
    found = run(app, "doctor", "--url", "http://127.0.0.1:9")

    assert (found.code, found.err) == (1, "")
    assert marks(found) == {"server": {"✗"}, "cluster": {"-"}}


def test_a_context_that_nobody_added_is_bad_input() -> None:
    found = run(app, "doctor", "--context", "nowhere")

    assert (found.code, found.out) == (2, "")
    assert "no context 'nowhere'" in found.err
