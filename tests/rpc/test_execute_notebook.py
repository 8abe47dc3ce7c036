"""execute_notebook, called by a client compiled from jupyrest.proto."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from podbook_crds import names
from rig.api import HELLO, FakeRun, put_notebook
from rig.until import eventually
from tests.rpc.conftest import Worker

SECONDS = 60
NUMBERS = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def test_a_call_brings_the_executed_notebook_and_leaves_nothing(worker: Worker) -> None:
    put_notebook(worker.cluster, "plain")
    call = worker.stub.execute_notebook.future(worker.request("plain"), timeout=SECONDS)

    worker.run_of("plain").succeed(output={"n": 1})
    response = call.result()

    assert response.status.code == worker.messages.OK
    assert response.status.details == ""
    assert json.loads(response.notebook.ipynb)["nbformat"] == 4
    assert worker.executions("plain") == []


def test_the_notebook_holds_what_its_own_client_reads_there(worker: Worker) -> None:
    put_notebook(worker.cluster, "told", output={"type": "integer"})
    request = worker.request("told", b'{"n": 1.0, "s": "\\ud800"}', plugin_name="default")
    call = worker.stub.execute_notebook.future(request, timeout=SECONDS)

    violation = {"pointer": "/output", "message": "is none"}
    run = worker.run_of("told").make_pod()
    run.claim()
    run.upload(names.NOTEBOOK_ARTIFACT, HELLO.encode(), "application/json")
    run.upload(names.OUTPUT_ARTIFACT, b'["as it was"]', "application/json")
    run.result(output=["as it was"], hasOutput=True, violations=[violation])

    events = json.loads(call.result().notebook.ipynb)["metadata"]["jupyrest"]["events"]
    assert events["notebook_execution_created"] == {
        "__event_id": "notebook_execution_created",
        "notebook_id": "told",
        "plugin_name": "default",
        "parameters": {"n": 1.0, "s": "\ud800"},
    }
    assert events["notebook_executed"] == {
        "__event_id": "notebook_executed",
        "start_time": "2026-11-22T12:00:00.000000",
        "end_time": "2026-11-22T12:00:01.500000",
        "output_validation": {"is_valid": False, "error": "/output: is none"},
        "exception": None,
        "output_json_str": '["as it was"]',
    }


def test_a_cell_that_raised_is_an_answer(worker: Worker) -> None:
    put_notebook(worker.cluster, "raising")
    call = worker.stub.execute_notebook.future(worker.request("raising"), timeout=SECONDS)

    run = worker.run_of("raising").make_pod()
    run.claim()
    run.upload(names.NOTEBOOK_ARTIFACT, b'{"cells": [], "nbformat": 4}', "application/json")
    run.result("NotebookRaised", exception={"name": "ValueError", "value": "no", "cell": 0})

    response = call.result()
    assert response.status.code == worker.messages.OK
    notebook = json.loads(response.notebook.ipynb)
    told = notebook.pop("metadata")["jupyrest"]["events"]
    assert notebook == {"cells": [], "nbformat": 4}
    assert told["notebook_executed"]["exception"] == "ValueError: no"


def test_a_run_that_came_to_no_end_of_its_own_says_why(worker: Worker) -> None:
    put_notebook(worker.cluster, "slow")
    call = worker.stub.execute_notebook.future(worker.request("slow"), timeout=SECONDS)

    run = worker.run_of("slow").make_pod()
    run.claim()
    run.upload(names.NOTEBOOK_ARTIFACT, b"{}", "application/json")
    run.result("DeadlineExceeded", message="no end after 1 s")

    response = call.result()
    assert response.status.code == worker.messages.INTERNAL_ERROR
    assert response.status.details == "DeadlineExceeded: no end after 1 s"


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        pytest.param({"notebook": "nowhere"}, "NOTEBOOK_NOT_FOUND", "nowhere", id="no notebook"),
        pytest.param({"plugin_name": "azure"}, "PLUGIN_NOT_FOUND", "azure", id="no plugin"),
        pytest.param({"parameters": b"{"}, "BAD_INPUT", "not JSON", id="not JSON"),
        pytest.param({"parameters": b"\xff"}, "BAD_INPUT", "UTF-8", id="not text"),
        pytest.param({"parameters": b"[1]"}, "BAD_INPUT", "object", id="no object"),
        pytest.param(
            {"parameters": b'{"n": 1, "s": "' + b"x" * 300_000 + b'"}'},
            "BAD_INPUT",
            "262144",
            id="too much",
        ),
        pytest.param(
            {"parameters": b'{"n": "one"}'},
            "INPUT_SCHEMA_VALIDATION_ERROR",
            "Input schema validation error: /parameters/n",
            id="does not fit",
        ),
    ],
)
def test_what_cannot_be_run_has_its_status_code(
    numbers: Worker, fields: dict[str, Any], code: str, says: str
) -> None:
    request = numbers.request(**{"notebook": "numbers", "parameters": b'{"n": 1}', **fields})

    response = numbers.stub.execute_notebook(request, timeout=SECONDS)

    assert response.status.code == numbers.messages.StatusCode.Value(code)
    assert says in response.status.details
    assert not response.HasField("notebook")
    assert numbers.executions("numbers") == []


@pytest.mark.parametrize("plugin", ["", "default"])
def test_parameterize_only_runs_nothing(numbers: Worker, plugin: str) -> None:
    request = numbers.request("numbers", b'{"n": 42}', parameterize_only=True, plugin_name=plugin)

    response = numbers.stub.execute_notebook(request, timeout=SECONDS)

    assert response.status.code == numbers.messages.OK, response.status.details
    assert "n = 42" in json.dumps(json.loads(response.notebook.ipynb))
    assert numbers.executions("numbers") == []


def test_the_deadline_of_a_call_ends_the_execution(worker: Worker) -> None:
    put_notebook(worker.cluster, "endless")

    call = worker.stub.execute_notebook.future(worker.request("endless"), timeout=15)
    run = worker.run_of("endless").make_pod()
    run.claim()

    assert call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    eventually(lambda: not worker.executions("endless"), "the execution is gone")
    assert run.result().status_code == 410


def test_a_cancelled_call_ends_the_execution(worker: Worker) -> None:
    put_notebook(worker.cluster, "unwanted")
    call = worker.stub.execute_notebook.future(worker.request("unwanted"), timeout=SECONDS)
    worker.run_of("unwanted")

    call.cancel()

    eventually(lambda: not worker.executions("unwanted"), "the execution is gone")


def test_an_api_that_stops_leaves_no_execution_of_its_calls(
    start: Callable[..., Worker], worker: Worker
) -> None:
    stopping = start()
    put_notebook(worker.cluster, "interrupted")
    call = stopping.stub.execute_notebook.future(stopping.request("interrupted"), timeout=SECONDS)
    worker.run_of("interrupted")

    stopping.api.process.send_signal(signal.SIGTERM)

    assert call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    eventually(lambda: not worker.executions("interrupted"), "the execution is gone")


def test_an_execution_left_behind_is_cleaned_up_by_its_ttl(worker: Worker) -> None:
    put_notebook(worker.cluster, "left")
    call = worker.stub.execute_notebook.future(worker.request("left"), timeout=SECONDS)

    run = worker.run_of("left")
    spec = worker.cluster.request("GET", _path(run))[1]["spec"]
    call.cancel()

    assert spec["ttlSecondsAfterFinished"] == 300
    assert spec["outputValidation"] == "report"


def test_notebooks_of_almost_100_megabytes_pass(worker: Worker) -> None:
    put_notebook(worker.cluster, "large")
    call = worker.stub.execute_notebook.future(worker.request("large"), timeout=SECONDS)
    ipynb = b'{"nbformat": 4, "cells": [], "x": "' + b"x" * 99_000_000 + b'"}'

    run = worker.run_of("large").make_pod()
    run.claim()
    run.upload(names.NOTEBOOK_ARTIFACT, ipynb, "application/json")
    run.result()

    assert json.loads(call.result().notebook.ipynb)["x"] == "x" * 99_000_000


def test_a_token_is_asked_for_where_one_is_set(
    start: Callable[..., Worker], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("open sesame")
    guarded = start(PODBOOK_AUTH="token", PODBOOK_AUTH_TOKEN_FILE=str(token))
    request = guarded.request("nowhere")

    with pytest.raises(grpc.RpcError) as refused:
        guarded.stub.execute_notebook(request, timeout=SECONDS)
    shown = (("authorization", "Bearer open sesame"),)
    answered = guarded.stub.execute_notebook(request, timeout=SECONDS, metadata=shown)
    twice = (*shown, ("authorization", "Bearer another"))
    with pytest.raises(grpc.RpcError) as doubted:
        guarded.stub.execute_notebook(request, timeout=SECONDS, metadata=twice)

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert doubted.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert answered.status.code == guarded.messages.NOTEBOOK_NOT_FOUND


@pytest.fixture(scope="module")
def numbers(worker: Worker) -> Worker:
    """A worker whose catalog has a notebook that takes a number."""
    put_notebook(worker.cluster, "numbers", input=NUMBERS)
    known = worker.api.http
    eventually(lambda: known.get("/v1/notebooks/numbers").status_code == 200, "the notebook")
    return worker


def _path(run: FakeRun) -> str:
    return f"/apis/{names.API_VERSION}/namespaces/default/{names.EXECUTION_PLURAL}/{run.name}"


def test_what_asks_for_more_than_may_be_is_refused_with_the_limit(worker: Worker) -> None:
    put_notebook(worker.cluster, "greedy", defaults={"deadlineSeconds": 100_001})
    served = worker.api.http
    eventually(lambda: served.get("/v1/notebooks/greedy").is_success, "it is served")

    answer = worker.stub.execute_notebook(worker.request("greedy"), timeout=60)

    assert "100001 is more than the 100000" in answer.status.details
    assert "operator.config.limits.deadlineSeconds" in answer.status.details
    assert worker.executions("greedy") == []
