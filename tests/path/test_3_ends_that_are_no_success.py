"""What goes wrong is answered truly, on REST and in kubectl, with the notebook as far as it got."""

import json
from typing import Any

import pytest

from rig.ipynb import notebook, text_of
from rig.meeting import AnyPodbook

ONE_NUMBER = {
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
}


@pytest.fixture(scope="module", autouse=True)
def notebooks(podbook: AnyPodbook) -> None:
    podbook.put("raises", notebook("print('before')", "1 / 0", "print('after')"))
    podbook.put(
        "saves_nothing", notebook("print('nothing to say')"), {"output": {"type": "object"}}
    )
    podbook.put(
        "saves_something_else",
        notebook("from podbook import save_output\nsave_output({'number': 'five'})"),
        {"output": ONE_NUMBER},
    )
    podbook.put("picky", notebook("number"), {"input": ONE_NUMBER})
    podbook.put(
        "slow", notebook("import time\ntime.sleep(60)"), {"defaults": {"deadlineSeconds": 1}}
    )


def stored(podbook: AnyPodbook, execution: str) -> Any:
    return json.loads(podbook.kubectl("get", "nbx", execution, "-o", "json"))["status"]


def kept_notebook(podbook: AnyPodbook, execution: str) -> str:
    return text_of(podbook.http.get(f"/v1/executions/{execution}/artifacts/notebook.ipynb").content)


@pytest.mark.parametrize(
    ("name", "reason", "kept"),
    [
        pytest.param("raises", "NotebookRaised", "before", id="a cell raises"),
        pytest.param("saves_nothing", "OutputMissing", "nothing to say", id="no output is saved"),
        pytest.param("saves_something_else", "OutputInvalid", "five", id="the output does not fit"),
        pytest.param("slow", "DeadlineExceeded", "sleep", id="the deadline passes"),
    ],
)
def test_a_failed_run_tells_why_and_keeps_its_notebook(
    podbook: AnyPodbook, name: str, reason: str, kept: str
) -> None:
    execution = podbook.post(name)

    assert (execution["phase"], execution["reason"]) == ("Failed", reason)
    status = stored(podbook, execution["id"])
    assert (status["phase"], status["reason"]) == ("Failed", reason)
    assert kept in kept_notebook(podbook, execution["id"])


def test_an_exception_is_told_with_its_name_value_and_cell(podbook: AnyPodbook) -> None:
    execution = podbook.post("raises")

    exception = execution["exception"]
    assert (exception["name"], exception["value"]) == ("ZeroDivisionError", "division by zero")
    assert exception["cell"] == 1
    whole = podbook.http.get(f"/v1/executions/{execution['id']}/artifacts/exception.txt").text
    assert "1 / 0" in whole
    assert "after" not in kept_notebook(podbook, execution["id"]).splitlines()


def test_an_output_that_does_not_fit_is_told_by_its_place(podbook: AnyPodbook) -> None:
    execution = podbook.post("saves_something_else")

    assert "/number" in json.dumps(execution["conditions"])


def test_parameters_that_do_not_fit_are_refused_with_each_place(podbook: AnyPodbook) -> None:
    answer = podbook.http.post(
        "/v1/notebooks/picky/executions", json={"parameters": {"number": "five", "other": 1}}
    )

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/parameters/number", "/parameters/other"}


def test_parameters_that_kubectl_brings_and_do_not_fit_end_without_a_pod(
    podbook: AnyPodbook,
) -> None:
    wrong = {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": "picky-by-kubectl"},
        "spec": {"notebook": {"name": "picky"}, "parameters": {"number": "five"}},
    }
    podbook.kubectl("apply", "-f", "-", stdin=json.dumps(wrong))
    podbook.kubectl("wait", "--for=condition=Finished", "nbx/picky-by-kubectl", "--timeout=90s")

    status = stored(podbook, "picky-by-kubectl")

    assert (status["phase"], status["reason"]) == ("Failed", "InvalidParameters")
    assert "/parameters/number" in status["message"]
    assert not status.get("attempts")


def test_an_unknown_notebook_is_not_found(podbook: AnyPodbook) -> None:
    answer = podbook.http.post("/v1/notebooks/nowhere/executions", json={"parameters": {}})

    assert answer.status_code == 404
    assert "nowhere" in answer.text


def test_an_execution_of_a_notebook_that_is_not_there_waits_and_says_so(
    podbook: AnyPodbook,
) -> None:
    early = {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": "earlier"},
        "spec": {"notebook": {"name": "later"}},
    }
    podbook.kubectl("apply", "-f", "-", stdin=json.dumps(early))
    waiting = "--for=jsonpath={.status.reason}=NotebookNotFound"
    podbook.kubectl("wait", waiting, "nbx/earlier", "--timeout=90s")

    podbook.put("later", notebook("from podbook import save_output\nsave_output('at last')"))

    assert podbook.finished("earlier")["output"] == "at last"


def test_a_broken_notebook_refuses_calls_with_its_reason(podbook: AnyPodbook) -> None:
    podbook.put("half", notebook("1"))
    podbook.save("half", '{"cells": [')
    podbook.kubectl("wait", "--for=condition=Ready=False", "nb/half", "--timeout=90s")

    answer = podbook.http.post("/v1/notebooks/half/executions", json={"parameters": {}})

    assert answer.status_code == 409
    assert "no JSON" in answer.text
    podbook.put("whole", notebook("1"))
    assert podbook.post("whole")["phase"] == "Succeeded"
