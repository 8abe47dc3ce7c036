"""All that is known of a run: for programs by `--format`, for people what its pod waits for."""

import json
import re
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from podbook.calling.rest import Rest
from podbook_cli.app import app
from podbook_cli.looking.one_execution import print_execution
from rig.ipynb import notebook
from rig.running import RunningPodbook


def test_a_run_is_printed_whole_however_it_ended(podbook: RunningPodbook) -> None:
    runner = CliRunner(env={"PODBOOK_URL": podbook.url})
    save = "from podbook import save_output\nsave_output('x' * size)\nprint(1 / (size - 1))"
    podbook.put("whole", notebook(save, parameters="size = 3"))

    def told(shape: str, *words: str, code: int = 0) -> Any:
        done = runner.invoke(app, [*words, "--format", shape])
        assert (done.exit_code, "/executions/" in done.stderr) == (code, True), done.stderr
        # YAML has JSON within it: nothing but the run stands on stdout.
        assert shape != "jsonl" or done.stdout.count("\n") == 1
        return yaml.safe_load(done.stdout) if shape == "yaml" else json.loads(done.stdout)

    succeeded = told("json", "run", "whole")
    failed = told("yaml", "rerun", succeeded["id"], "-p", "size=1", code=1)
    left = told("json", "run", "whole", "--no-wait")
    over = told("json", "rerun", left["id"], "--timeout", "0.001", code=124)
    # More than the server answers within an execution.
    large = told("jsonl", "run", "whole", "-p", f"size={5 << 20}")

    assert (succeeded["phase"], succeeded["output"]) == ("Succeeded", "xxx")
    assert (failed["reason"], failed["rerunOf"]) == ("NotebookRaised", succeeded["id"])
    assert (podbook.finished(left["id"])["phase"], left["finishedAt"]) == ("Succeeded", None)
    assert podbook.finished(over["id"])["rerunOf"] == left["id"]
    assert large["output"] == "x" * (5 << 20)
    shown = runner.invoke(app, ["run", "whole", "--format", "table"]).stdout
    assert re.match(r"Succeeded in .* · whole · ", shown)
    for run in (succeeded, failed):
        assert podbook.http.get(f"/v1/executions/{run['id']}").json() == run


class Told(Rest):
    """A server whose cluster tells something of every pod."""

    def pod_events(self, execution: str) -> list[dict[str, Any]]:
        event = {"reason": "FailedScheduling", "message": "no\x1b[31m cpu", "lastAt": None}
        known = {
            "type": "Normal",
            "count": 1,
            "reason": "Created",
            "message": "it is",
            "lastAt": None,
        }
        return [known, {**event, "type": "Warning", "count": 12}]


def test_why_the_cluster_lets_a_run_wait_is_told_to_people(
    podbook: RunningPodbook, capsys: pytest.CaptureFixture[str]
) -> None:
    view = podbook.post("echo")
    for changed, is_told in (
        ({}, False),
        ({"phase": "Starting", "reason": "PodCreated"}, True),
        ({"phase": "Failed", "reason": "Unschedulable"}, True),
        ({"phase": "Failed", "reason": "NotebookRaised"}, False),
        # No attempt is recorded of a pod that waits.
        ({"phase": "Queued", "reason": "Unschedulable", "attempts": []}, True),
        ({"phase": "Queued", "reason": "WaitingForSlot", "attempts": []}, False),
    ):
        with Told(podbook.url) as client:
            print_execution(client, view | changed, None)
        shown = capsys.readouterr().out
        lines = "\nPod\n  ⚠ FailedScheduling (12 times): no cpu\n  Created: it is\n"
        assert (lines in shown) is is_told, changed
        assert ("\nPod\n" in shown) is is_told


def test_of_an_answer_that_was_there_it_is_said_whose_it_is(podbook: RunningPodbook) -> None:
    podbook.put(
        "answered", notebook("from podbook import save_output\nsave_output(5)"), {"cache": {}}
    )
    runner = CliRunner(env={"PODBOOK_URL": podbook.url})

    first, again, anew = (
        runner.invoke(app, ["run", "answered", *more]) for more in ([], [], ["--fresh"])
    )

    run = first.stderr.rpartition("/executions/")[2].strip()
    assert [done.stdout for done in (first, again, anew)] == ["5\n"] * 3
    said = rf"cached: the answer of run {run[:8]}, which ended .* ago; --fresh runs it anew\n"
    assert re.search(said, again.stderr), again.stderr
    assert f"/executions/{run}\n" in again.stderr
    assert all("cached" not in done.stderr for done in (first, anew))


def test_what_was_changed_is_printed_in_the_form_that_is_asked_for(
    podbook: RunningPodbook,
) -> None:
    podbook.put("changed_and_printed", notebook("1"))
    first, second = (podbook.post("changed_and_printed")["id"] for _ in range(2))

    def printed(shape: str, *words: str) -> str:
        runner = CliRunner(env={"PODBOOK_URL": podbook.url})
        return runner.invoke(app, [*words, "--format", shape]).stdout

    def said(*words: str) -> Any:
        return json.loads(printed("json", *words))

    kept = said("keep", first, second)
    assert [(row["id"], row["keep"]) for row in kept] == [(first, True), (second, True)]
    assert [row["phase"] for row in said("cancel", first)] == ["Succeeded"]
    lines = printed("jsonl", "keep", first, "--undo")
    assert [json.loads(line)["keep"] for line in lines.splitlines()] == [False]
    table = printed("table", "cancel", first, second)
    assert table.split()[0] == "Id"
    assert (first[:8] in table, second[:8] in table) == (True, True)
    assert said("delete", first, second) == [{"id": first}, {"id": second}]
    assert podbook.http.get(f"/v1/executions/{first}").status_code == 404
