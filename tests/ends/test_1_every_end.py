"""Every end looks the same from everywhere: v1, kubectl, the older surfaces, the artifacts."""

import json
from typing import Any

import pytest

from rig.until import ON_A_NODE, eventually
from tests.support.ends import Came


def test_v1_shows_phase_reason_and_message(came: Came) -> None:
    view = came.view

    assert (view["phase"], view["reason"]) == (came.end.phase, came.end.reason)
    assert came.end.said in view["message"]
    assert view["finishedAt"] is not None


def test_v1_shows_what_a_cell_raised(came: Came) -> None:
    exception = came.view["exception"] or {"name": None}

    assert exception["name"] == came.end.raised
    assert len(json.dumps(came.view)) < 64 * 1024


def test_kubectl_shows_the_same_and_a_condition_to_wait_for(
    came: Came, shown: tuple[Any, str]
) -> None:
    resource, line = shown
    status = resource["status"]

    assert (status["phase"], status["reason"]) == (came.end.phase, came.end.reason)
    finished = {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}["Finished"]
    assert finished == ("True", came.end.reason)
    assert line.split()[-3:-1] == [came.end.phase, came.end.reason]
    assert status.get("attempts", []) == came.view["attempts"]


def test_user_code_ran_once_at_most_and_nothing_of_it_runs_on(came: Came) -> None:
    assert [a["reason"] for a in came.view["attempts"]] == [came.end.reason] * came.end.attempts
    assert len(came.kernels()) == came.end.runs
    eventually(lambda: not came.processes(), "its processes have ended")


@pytest.mark.skipif(ON_A_NODE, reason="a real kubelet tells more, as it likes")
def test_a_laptop_s_node_tells_what_it_did_and_nothing_of_a_run_that_went_well(came: Came) -> None:
    events = came.get(f"/v1/executions/{came.view['id']}/pod-events").json()["items"]
    reasons = {event["reason"] for event in events}

    if came.end.told:
        assert reasons == {came.end.told}
    elif came.end.phase == "Succeeded":
        assert reasons == set()


def test_the_notebook_is_kept_as_far_as_it_ran(came: Came) -> None:
    assert came.view["reason"] == came.end.reason
    assert came.end.kept in came.kept_notebook()
    assert "\nnever\n" not in came.kept_notebook()


def test_the_artifacts_are_those_of_the_table(came: Came) -> None:
    listed = {artifact["name"] for artifact in came.view["artifacts"]}

    assert listed == {"notebook.ipynb", "notebook.html", "report.html"} | came.end.artifacts
    for artifact in came.view["artifacts"]:
        # Pages cost most of a second each: those are asked for where the older surface has them.
        assert artifact["mediaType"] == "text/html" or came.get(artifact["href"]).content


def test_what_was_saved_is_the_output(came: Came) -> None:
    has_output = "output.json" in came.end.artifacts

    assert (came.view["hasOutput"], came.view["output"]) == (has_output, came.end.output)


def test_jupyrest_says_completed_or_failed(came: Came) -> None:
    assert came.view
    answer = came.get(f"/api/NotebookExecutions?executionId={came.name}").json()

    if came.end.phase == "Succeeded":
        assert (answer["status"], answer["exception"]) == ("COMPLETED", None)
    else:
        assert answer["status"] == "FAILED"
        assert (came.end.raised or came.end.reason) in answer["exception"]


def test_jupyrest_s_later_surface_hands_out_its_artifacts(came: Came) -> None:
    assert came.view
    answer = came.get(f"/api/notebook_executions/{came.name}").json()

    succeeded = came.end.phase == "Succeeded"
    assert answer["status"] == "COMPLETED"
    assert answer["execution_completion_status"] == ("SUCCEEDED" if succeeded else "FAILED")
    assert answer["execution_start_ts"] < answer["execution_end_ts"]
    expected = {"html", "ipynb", "html_report"}
    expected |= {"output"} if "output.json" in came.end.artifacts else set()
    expected |= set() if succeeded else {"exception"}
    assert answer["artifacts"].keys() == expected
    for name, address in answer["artifacts"].items():
        # A page costs most of a second and says nothing of the node that the run was on.
        is_page = name == "html_report" or (name == "html" and ON_A_NODE)
        assert is_page or came.get(address).content


def test_noteburst_tells_a_cell_that_raised_from_other_failures(came: Came) -> None:
    assert came.view
    answer = came.get(f"/noteburst/v1/notebooks/{came.name}").json()

    assert answer["status"] == "complete"
    assert answer["success"] is (came.end.reason in {"NotebookCompleted", "NotebookRaised"})
    assert _noteburst_error(answer) == _expected_error(came)


def _noteburst_error(answer: dict[str, Any]) -> str | None:
    if not answer["success"]:
        return str(answer["error"]["exception_type"])
    raised = answer.get("ipynb_error")
    return None if raised is None else str(raised["name"])


def _expected_error(came: Came) -> str | None:
    if came.end.reason == "NotebookCompleted":
        return None
    return came.end.raised or came.end.reason


@pytest.mark.parametrize("came", ["an exception of 10 MB"], indirect=True)
def test_a_traceback_of_10_mb_is_kept_whole_beside_a_short_one(came: Came) -> None:
    assert len(came.stored["status"]["exception"]["traceback"]) <= 8 * 1024
    whole = came.get(f"/v1/executions/{came.name}/artifacts/exception.txt")

    assert len(whole.content) > 10_000_000


@pytest.mark.parametrize("came", ["an output too large for the status"], indirect=True)
def test_a_large_output_is_in_the_store_with_a_reference_in_the_status(came: Came) -> None:
    status = came.stored["status"]

    assert "output" not in status
    assert status["outputRef"]["name"] == "output.json"


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ("an output that does not fit", True),
        ("an output that does not fit where that is reported", True),
        ("an output that does not fit where nobody looks", False),
    ],
    indirect=["came"],
)
def test_a_condition_lists_where_an_output_does_not_fit(came: Came, shown: bool) -> None:
    conditions = {c["type"]: c for c in came.view["conditions"]}

    assert ("OutputValid" in conditions) is shown
    if shown:
        assert "/number" in conditions["OutputValid"]["message"]


@pytest.mark.parametrize("came", ["every cell ran", "a cell raised"], indirect=True)
def test_a_report_shows_what_was_printed_and_no_code(came: Came) -> None:
    assert came.view
    page = came.get(f"/v1/executions/{came.name}/artifacts/report.html").text

    assert "it began" in page
    assert "import" not in page.split("<body", 1)[1].split("<script", 1)[0]
