"""`podbook up` as its user meets it: what it prints, how it ends, what it leaves behind."""

import json
import os
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig.ipynb import notebook
from rig.meeting import kubectl_binary
from rig.running import RunningPodbook, descendants, launch, running, start, still_running
from rig.until import eventually

HOLD = notebook(
    "import pathlib, time\npathlib.Path(started).touch()\ntime.sleep(600)",
    parameters="started = ''",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "one.ipynb").write_text(json.dumps(notebook("1")))
    return folder


@pytest.fixture(scope="module")
def podbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPodbook]:
    folder = tmp_path_factory.mktemp("catalog")
    (folder / "first.ipynb").write_text(json.dumps(notebook("1")))
    with running(folder, tmp_path_factory.mktemp("data"), MY_VARIABLE="kept") as started:
        yield started


def said(data: Path) -> list[str]:
    return (data / "up.log").read_text().splitlines()


def start_a_long_run(podbook: RunningPodbook, folder: Path) -> None:
    podbook.put("hold", HOLD)
    podbook.post("hold", {"started": str(folder / "started")}, is_awaited=False)
    eventually((folder / "started").exists, "the notebook runs")


def test_it_says_which_python_then_where_to_go(podbook: RunningPodbook) -> None:
    lines = said(podbook.data)

    assert lines[0].startswith(f"Kernels    {sys.executable} (Python 3.")
    (ready,) = [number for number, line in enumerate(lines) if line.startswith("Podbook ")]
    assert podbook.url in lines[ready]
    assert "1 notebook, ready in" in lines[ready]
    assert lines[ready + 1].endswith(f"{podbook.url}/docs")
    assert lines[ready + 2].endswith(f"KUBECONFIG={podbook.kubeconfig}")


def test_its_data_are_its_users_alone(podbook: RunningPodbook) -> None:
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (podbook.data, podbook.kubeconfig, podbook.data / "store")
    }

    assert modes == {podbook.data.name: 0o700, "kubeconfig": 0o600, "store": 0o700}


def test_its_kubeconfig_needs_nothing_else(podbook: RunningPodbook) -> None:
    assert "first" in podbook.kubectl("get", "notebooks")
    assert Path(kubectl_binary()).exists()


def test_what_is_made_where_nothing_is_served_is_warned_of(podbook: RunningPodbook) -> None:
    podbook.kubectl("create", "namespace", "elsewhere")
    run = {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": "nobodys"},
        "spec": {"notebook": {"name": "first"}},
    }

    told = {
        namespace: podbook.kubectl(
            "create", "-n", namespace, "-f", "-", stdin=json.dumps(run), check=False
        )
        for namespace in ("elsewhere", "default")
    }

    assert "serves the namespace default alone: nothing runs in elsewhere" in told["elsewhere"]
    assert "serves" not in told["default"]


def test_a_kernel_has_the_users_environment_and_none_of_our_secrets(
    podbook: RunningPodbook,
) -> None:
    code = (
        "import os, sys\nfrom podbook import save_output\n"
        "save_output([sys.executable, dict(os.environ)])"
    )
    podbook.put("environment", notebook(code))

    executable, environment = podbook.post("environment")["output"]

    assert executable == sys.executable
    assert environment["MY_VARIABLE"] == "kept"
    assert environment["HOME"] == os.environ["HOME"]
    secrets = [(podbook.data / "cluster" / name).read_text() for name in ("admin-token", "url-key")]
    assert not any(secret in value for secret in secrets for value in environment.values())
    assert "KUBECONFIG" not in environment


def test_a_saved_file_is_served_without_a_restart(podbook: RunningPodbook) -> None:
    podbook.put("added", notebook("1"), {"input": {"type": "object"}})
    (podbook.folder / "added.ipynb").unlink()

    def is_gone() -> bool:
        return podbook.http.get("/v1/notebooks/added").status_code == 404

    eventually(is_gone, "the removed notebook is gone")


def test_a_mistake_in_a_file_is_told_once_where_it_serves(podbook: RunningPodbook) -> None:
    podbook.put("mistaken", notebook("1"))
    (podbook.folder / "mistaken.config.json").write_text('{"imput": {}}')

    def told() -> list[str]:
        return [line for line in said(podbook.data) if "did you mean 'input'?" in line]

    eventually(told, "the mistake is told")
    podbook.put("another", notebook("1"))
    assert len(told()) == 1


def test_an_api_that_was_killed_comes_back_where_it_was(podbook: RunningPodbook) -> None:
    before = podbook.pid_of("api")
    podbook.kill("api")

    def answers() -> bool:
        try:
            return podbook.http.get("/v1/notebooks").status_code == 200
        except httpx.TransportError:
            return False

    eventually(answers, "the API answers again")
    assert podbook.pid_of("api") != before
    assert podbook.post("first")["phase"] == "Succeeded"
    eventually(lambda: "api is well again" in said(podbook.data), "that is told")


def test_a_second_start_on_the_folder_is_refused_with_the_process_that_serves_it(
    podbook: RunningPodbook,
) -> None:
    second = launch(podbook.folder, podbook.data)
    second.communicate(timeout=30)
    words = (podbook.data / "up.log").read_text()

    assert second.returncode == 2
    assert f"already served by process {podbook.process.pid} at {podbook.url}" in words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_a_running_notebook_included(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    podbook = start(folder, tmp_path / "data")
    try:
        start_a_long_run(podbook, tmp_path)
        all_of_it = descendants(podbook.process.pid)
    finally:
        code = podbook.stop(number)

    assert code == 0
    assert_whole(all_of_it)
    assert still_running(all_of_it) == []


def test_kill_9_of_it_takes_everything_with_it(folder: Path, tmp_path: Path) -> None:
    podbook = start(folder, tmp_path / "data")
    try:
        start_a_long_run(podbook, tmp_path)
        all_of_it = descendants(podbook.process.pid)
    finally:
        podbook.stop(signal.SIGKILL)

    assert_whole(all_of_it)
    eventually(lambda: not still_running(all_of_it), "nothing is left")


def assert_whole(all_of_it: dict[int, str]) -> None:
    """What is to be gone later was there: the parts, and the two containers of a pod."""
    for name in ("podbook_cluster", "podbook_api", "podbook_operator", "podbook_runner"):
        assert any(name in line for line in all_of_it.values()), name
    assert any("ipykernel" in line for line in all_of_it.values())


def test_a_start_that_is_interrupted_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    process = launch(folder, tmp_path / "data")
    try:
        all_of_it = eventually(lambda: parts_of(process.pid), "its parts are starting")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)

    assert process.returncode == 0
    assert still_running(all_of_it) == []


def parts_of(pid: int) -> dict[int, str]:
    """Return the processes below, once two parts are among them."""
    found = descendants(pid)
    return found if sum("-m podbook_" in line for line in found.values()) > 1 else {}


def test_what_ran_before_is_there_after_the_next_start(folder: Path, tmp_path: Path) -> None:
    with running(folder, tmp_path / "data") as podbook:
        execution = podbook.post("one")
        kubeconfig = podbook.kubeconfig.read_text()

    with running(folder, tmp_path / "data") as podbook:
        found = podbook.http.get(f"/v1/executions/{execution['id']}").json()
        assert podbook.kubeconfig.read_text() == kubeconfig

    assert found == execution


def test_one_notebook_that_cannot_be_taken_in_keeps_no_other_waiting(
    folder: Path, tmp_path: Path
) -> None:
    theirs = {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "Notebook",
        "metadata": {"name": "taken"},
        "spec": {"id": "somebody else's", "source": {"ipynb": "{}"}},
    }
    with running(folder, tmp_path / "data") as podbook:
        podbook.kubectl("apply", "-f", "-", stdin=json.dumps(theirs))
    (folder / "taken.ipynb").write_text(json.dumps(notebook("1")))

    with running(folder, tmp_path / "data") as podbook:
        shown = podbook.http.get("/v1/notebooks").json()["items"]

    assert {item["id"] for item in shown} == {"one", "somebody else's"}
    assert any("taken.ipynb is refused by the cluster" in line for line in said(podbook.data))


def test_a_folder_without_notebooks_is_served_and_says_what_it_waits_for(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    with running(tmp_path / "notebooks", tmp_path / "data") as podbook:
        podbook.put("first", notebook("1"))

    assert any(line.startswith("No notebooks yet: save a") for line in said(tmp_path / "data"))


def test_the_example_is_run_and_shown(tmp_path: Path) -> None:
    examples = Path(__file__).parents[3] / "notebooks"

    with running(examples, tmp_path / "data", "--example", "analysis") as podbook:
        text = eventually(lambda: shown_example(podbook), "the example's answer is shown")
        request, answer = text
        page = podbook.http.get(f"/executions/{answer['id']}")

    assert request == {"parameters": {"customer_name": "microsoft"}}
    assert (answer["phase"], answer["output"]) == ("Succeeded", {"needs_discount": False})
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def shown_example(podbook: RunningPodbook) -> tuple[Any, Any] | None:
    """Return request and answer that were printed, once the address of its page is as well."""
    text = "\n".join(said(podbook.data)).rstrip()
    if "Its page" not in text:
        return None
    decoder, found = json.JSONDecoder(), []
    while (begin := text.find("{\n")) >= 0:
        value, end = decoder.raw_decode(text[begin:])
        found.append(value)
        text = text[begin + end :]
    return found[0], found[1]


def test_with_a_token_nobody_gets_in_without_it(folder: Path, tmp_path: Path) -> None:
    with running(folder, tmp_path / "data", PODBOOK_TOKEN="open sesame") as podbook:
        without = podbook.http.get("/v1/notebooks")
        shown = {"Authorization": "Bearer open sesame"}
        with_it = podbook.http.get("/v1/notebooks", headers=shown)

    assert (without.status_code, with_it.status_code) == (401, 200)
