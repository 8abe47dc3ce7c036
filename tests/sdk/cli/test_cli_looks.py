"""Commands that look, and those that change a run: what they print, and whom they mean."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from podbook_cli.app import app
from podbook_cli.looking.ids import short
from podbook_cli.printing.times import age
from rig.ipynb import notebook
from rig.running import RunningPodbook
from rig.until import eventually

Called = Callable[..., Any]


@pytest.fixture(scope="module")
def call(podbook: RunningPodbook) -> Called:
    """Call a command in this process, as `podbook WORDS… --url URL`."""
    runner = CliRunner(env={"PODBOOK_URL": podbook.url, "COLUMNS": "80"})
    return lambda *words: runner.invoke(app, list(words), prog_name="podbook")


@pytest.fixture(scope="module")
def two_runs(podbook: RunningPodbook) -> list[dict[str, Any]]:
    """Two runs of one notebook: the first failed, the second did not."""
    declared = {"type": "integer", "default": 1, "description": "how many parts"}
    config = {"input": {"properties": {"parts": declared, "name": {"type": "string"}}}}
    cells = (
        "from podbook import save_output",
        "import pathlib\npathlib.Path('table.csv').write_text('a,b')",
        "save_output({'share': 100 / parts})",
    )
    podbook.put("looked_at", notebook(*cells, parameters="parts = 1\nname = ''"), config)
    return [podbook.post("looked_at", {"parts": parts}) for parts in (0, 4)]


def test_a_run_is_named_by_its_beginning_or_as_the_newest_of_a_kind(
    call: Called, two_runs: list[dict[str, Any]]
) -> None:
    failed, succeeded = (run["id"] for run in two_runs)
    for named, meant in [
        (succeeded, succeeded),
        (succeeded[:13], succeeded),
        ("@last:looked_at", succeeded),
        ("@failed", failed),
    ]:
        done = call("get", named)
        assert (done.exit_code, json.loads(done.stdout)["id"]) == (0, meant), done.stderr

    for named, says in [
        ("", "named by its id"),
        ("@newest", "there are @last"),
        ("@last:nobody", "no run of 'nobody'"),
        ("0" * 36, "0" * 36),
    ]:
        done = call("show", named)
        assert (done.exit_code, says in done.stderr) == (2, True), done.stderr


def test_every_look_has_every_form_with_the_names_of_the_rest_api(
    call: Called, podbook: RunningPodbook, two_runs: list[dict[str, Any]], tmp_path: Path
) -> None:
    run = two_runs[1]["id"]
    (tmp_path / "sound.ipynb").write_text(json.dumps(notebook("1")))
    for words, path in (
        (("list", "--notebook", "looked_at"), "/v1/executions?notebook=looked_at"),
        (("notebooks", "looked_at"), "/v1/notebooks?view=summary&query=looked_at"),
        (("describe", "looked_at"), "/v1/notebooks/looked_at"),
        (("show", run), f"/v1/executions/{run}"),
        (("get", run), f"/v1/executions/{run}"),
        (("artifacts", run), f"/v1/executions/{run}"),
        (("contract", "looked_at"), "/v1/notebooks/looked_at"),
        (("versions", "looked_at"), "/v1/versions/looked_at"),
        (("context", "list"), None),
        (("check", str(tmp_path)), None),
        (("diff", str(tmp_path), str(tmp_path)), None),
    ):
        as_json = json.loads(call(*words, "--format", "json").stdout)
        assert yaml.safe_load(call(*words, "--format", "yaml").stdout) == as_json, words
        lines = [json.loads(x) for x in call(*words, "--format", "jsonl").stdout.splitlines()]
        # Of a check: each mistake, which there is none of.
        each = as_json["faults"] if words[0] == "check" else as_json
        assert lines == (each if isinstance(each, list) else [each]), words
        table = call(*words, "--format", "table")
        assert table.exit_code == 0, (words, table.stderr)
        if words[0] not in ("get", "describe", "contract", "context"):
            assert max(map(len, table.stdout.splitlines()), default=0) <= 80, table.stdout
        if path is not None:
            _is_named_as(podbook.http.get(path).json(), as_json, words[0])


def _is_named_as(answer: dict[str, Any], printed: Any, command: str) -> None:
    """Hold the keys of what is printed to those of the API's answer."""
    if command == "contract":
        assert printed["input"] == answer["input"]
        return
    whole: dict[str, Any] = {"artifacts": answer.get("artifacts"), "show": answer, "get": answer}
    there: Any = whole.get(command) or answer.get("items", answer)
    if isinstance(printed, list):
        assert [row.keys() for row in printed] == [row.keys() for row in there], command
    else:
        assert printed.keys() == there.keys(), command


def test_a_list_takes_what_is_asked_for(call: Called, two_runs: list[dict[str, Any]]) -> None:
    failed, succeeded = (run["id"] for run in two_runs)
    for words, found in [
        (("--phase", "FAILED"), [failed]),
        (("--reason", "notebookraised"), [failed]),
        (("--mine",), [succeeded, failed]),
        (("--since", "1h", "--limit", "1"), [succeeded]),
        (("--since", "2999-01-01"), []),
    ]:
        done = call("list", "--notebook", "looked_at", *words)
        assert [line.split("\t")[0] for line in done.stdout.splitlines()] == found, words

    for words in (("--phase", "done"), ("--since", "soon"), ("--since", "9" * 30 + "d")):
        assert call("list", *words).exit_code == 2


def test_people_are_told_what_became_of_a_run(
    call: Called, podbook: RunningPodbook, two_runs: list[dict[str, Any]]
) -> None:
    failed, succeeded = (run["id"] for run in two_runs)

    said = call("show", succeeded).stdout
    assert said.startswith("Succeeded in ")
    assert '"share": 25.0' in said
    assert f"{podbook.url}/executions/{succeeded}\n" in said
    assert "ZeroDivisionError: division by zero" in call("show", failed).stdout
    assert re.search(
        rf"all of it until 20\d\d-.*\n *longer by `podbook keep {succeeded[:8]}`", said
    )


def test_a_notebook_is_told_in_words(call: Called, two_runs: list[dict[str, Any]]) -> None:
    del two_runs
    said = call("describe", "looked_at").stdout

    assert "  parts  integer  default 1  how many parts\n" in said
    assert "podbook run looked_at\n" in said
    assert "Succeeded" in said.partition("Last runs")[2]
    assert call("describe", "nobody").exit_code == 2


def test_pods_that_wait_are_counted_and_made_anew(
    call: Called, podbook: RunningPodbook, two_runs: list[dict[str, Any]]
) -> None:
    del two_runs
    podbook.put("kept_warm", notebook("1 + 1"), {"warm": {"max": 2}})

    (row,) = json.loads(call("warm", "list", "--format", "json").stdout)
    assert (row["id"], row["min"], row["max"], row["problem"]) == ("kept_warm", 0, 2, None)
    assert call("warm", "list").stdout == "kept_warm\t0\t0\t0\t2\timports\t-\n"
    assert "Warm: 0 ready\n" in call("describe", "kept_warm").stdout
    assert call("warm", "flush", "kept_warm").stdout == "kept_warm\n"
    refused = call("warm", "flush", "looked_at")
    assert (refused.exit_code, "has no `warm`" in refused.stderr) == (2, True), refused.stderr
    assert call("warm", "flush", "nobody").exit_code == 2


def test_files_are_saved_below_the_folder(
    call: Called, two_runs: list[dict[str, Any]], tmp_path: Path
) -> None:
    run = two_runs[1]["id"]

    done = call("artifacts", run, "*.ipynb", "output.json", "--download", str(tmp_path))

    assert done.exit_code == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notebook.ipynb", "output.json"]
    assert json.loads((tmp_path / "output.json").read_text()) == {"share": 25.0}
    missing = call("artifacts", run, "none.csv")
    assert (missing.exit_code, "there are: notebook.ipynb" in missing.stderr) == (2, True)


def test_pages_are_named_for_notebooks_and_runs(
    call: Called, podbook: RunningPodbook, two_runs: list[dict[str, Any]]
) -> None:
    run = two_runs[1]["id"]

    shown = podbook.data.parent / "browser.shown"
    assert eventually(shown.is_file, "`podbook up --open` shows its page")
    eventually(lambda: shown.read_text() == f"{podbook.url}\n", "the first one")
    assert call("open").stdout == f"{podbook.url}/\n"
    assert call("open", "looked_at").stdout == f"{podbook.url}/notebooks/looked_at\n"
    assert call("open", run[:13]).stdout == f"{podbook.url}/executions/{run}\n"
    nothing = call("open", "looked")
    assert nothing.exit_code == 2
    assert nothing.stderr == "looked: no notebook has this id, and no run an id like it\n"


def test_a_run_is_left_to_the_server_run_again_kept_and_deleted(
    call: Called, podbook: RunningPodbook
) -> None:
    podbook.put(
        "again", notebook("from podbook import save_output", "save_output(n)", parameters="n = 1")
    )
    left = call("run", "again", "-p", "n=5", "--no-wait")
    name = left.stdout.strip()
    assert podbook.finished(name)["output"] == 5

    again = call("rerun", name[:13])
    other = call("rerun", name, "-p", "n=6", "--same-version")
    assert [json.loads(done.stdout) for done in (again, other)] == [5, 6]

    assert call("keep", name).stdout == f"{name}\n"
    assert podbook.http.get(f"/v1/executions/{name}").json()["expiresAt"] is None
    # A mistyped one stops it before anything is deleted.
    assert call("delete", name, "nobody").exit_code == 2
    gone = call("delete", name)
    assert (gone.stdout, gone.stderr) == (f"{name}\n", f"On {podbook.url}\n")
    assert podbook.http.get(f"/v1/executions/{name}").status_code == 404


def test_the_time_to_wait_ends_the_wait_and_not_the_run(
    call: Called, podbook: RunningPodbook, tmp_path: Path
) -> None:
    held = "import pathlib, time\nwhile not pathlib.Path(go).exists(): time.sleep(0.05)"
    podbook.put("waited_for", notebook(held, parameters="go = ''"))

    done = call("run", "waited_for", "-p", f"go={tmp_path / 'go'}", "--timeout", "0.1")
    name = call("list", "--notebook", "waited_for").stdout.split("\t")[0]
    cancelled = call("cancel", name)

    assert (done.exit_code, done.stdout) == (124, "")
    assert f"{name} goes on: {podbook.url}/executions/{name}\n" in done.stderr
    assert cancelled.exit_code == 0
    assert podbook.finished(name)["phase"] == "Cancelled"


def test_changes_are_watched(podbook: RunningPodbook) -> None:
    from podbook.calling.rest import Rest

    podbook.put("watched_list", notebook("1"))
    seen: list[str] = []
    told: list[dict[str, Any]] = []
    with Rest(podbook.url) as client:
        changes = client.changes(notebook="watched_list")
        assert next(changes) is None
        run = podbook.post("watched_list", is_awaited=False)["id"]
        for change in changes:
            assert change is not None
            told.append(change)
            seen.append(change["phase"])
            if change["phase"] == "Succeeded":
                break

    assert {change["execution"] for change in told} == {run}
    assert seen == sorted(set(seen), key=seen.index)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_notebooks_parameters_and_runs(
    podbook: RunningPodbook, two_runs: list[dict[str, Any]], shell: str
) -> None:
    runner = CliRunner()

    def offered(words: str) -> str:
        split = f"{words}|".split()
        variables = {
            "PODBOOK_URL": podbook.url,
            "_PODBOOK_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(split) - 1),
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        return runner.invoke(app, env=variables, prog_name="podbook").stdout

    assert "looked_at" in offered("podbook run look")
    assert "parts=" in offered("podbook run looked_at -p ")
    assert "parts=" not in offered("podbook run looked_at -p parts=1 -p ")
    assert two_runs[1]["id"] in offered(f"podbook show {two_runs[1]['id'][:8]}")
    assert "@failed" in offered("podbook logs @f")
    assert "rerun" in offered("podbook rer")


def test_times_are_written_for_people() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    ages = {5: "5 s", 150: "2 min", 7300: "2 h", 200_000: "2 d", -3: "0 s"}
    for seconds, told in ages.items():
        assert age((now - timedelta(seconds=seconds)).isoformat(), now) == told
    one, other = "12345678-aaaa-4000-8000-000000000000", "12345678-aaab-4000-8000-000000000000"
    assert short(one, [one]) == "12345678"
    assert short(one, [one, other]) == "12345678-aaaa"
    assert short("my-run", [one]) == "my-run"
