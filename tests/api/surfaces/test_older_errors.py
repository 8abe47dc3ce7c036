"""Each older surface has errors of its own form, whatever went wrong behind it."""

import json
from typing import Any

import pytest

from podbook_api.http.problems import Problem, problem_of
from podbook_api.surfaces import errors
from podbook_crds.errors import (
    ClusterUnavailable,
    InvalidParameters,
    UnknownArtifact,
    UnknownExecution,
    UnknownNotebook,
    Violation,
)

MISFIT = InvalidParameters([Violation("/parameters/n", "'x' is not of type 'integer'")])
BROKEN = Problem(500, "internal-error", "Podbook failed; its log says where")
EARLY = Problem(400, "unfinished", "The execution has not completed")
LARGE = Problem(413, "body-too-large", "The body is too large", "a body may have 9 bytes")


def answered(path: str, error: Any) -> tuple[int, Any]:
    answer = errors.response(path, problem_of(error))
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, json.loads(bytes(answer.body))


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (MISFIT, 400, "INVALID_INPUT_SCHEMA", "Input schema validation error: /parameters/n: "),
        (EARLY, 400, "INVALID_EXECUTION_STATE", "The execution has not completed"),
        (UnknownNotebook("no n"), 404, "NOTEBOOK_NOT_FOUND", "no n"),
        (UnknownExecution("no e"), 404, "NOTEBOOK_EXECUTION_NOT_FOUND", "no e"),
        (UnknownArtifact("no a"), 404, "NOTEBOOK_EXECUTION_ARTIFACT_NOT_FOUND", "no a"),
        (BROKEN, 500, "INTERNAL_ERROR", "Podbook failed"),
        (ClusterUnavailable("away"), 503, "INTERNAL_ERROR", "away"),
        (LARGE, 413, "INVALID_INPUT_SCHEMA", "a body may have 9 bytes"),
    ],
)
def test_jupyrests_later_surface(error: Any, status: int, code: str, message: str) -> None:
    found, body = answered("/api/notebooks/n/execute", error)

    assert (found, body["code"], body["data"]) == (status, code, {})
    assert set(body) == {"code", "message", "data"}
    assert body["message"].startswith(message)


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (MISFIT, 400, "Input schema validation error: /parameters/n: 'x' is not of type 'integer'"),
        (UnknownNotebook("no n"), 404, "no n"),
        (UnknownExecution("no e"), 404, "no e"),
        (BROKEN, 500, "Podbook failed; its log says where"),
        (ClusterUnavailable("away"), 503, "away"),
    ],
)
def test_jupyrests_first_surface(error: Any, status: int, detail: str) -> None:
    assert answered("/api/NotebookExecutions", error) == (status, {"detail": detail})


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (
            UnknownExecution("no e"),
            404,
            {"loc": ["path", "job_id"], "msg": "Job not found", "type": "unknown_job"},
        ),
        (BROKEN, 500, {"loc": ["body"], "msg": BROKEN.title, "type": "internal_error"}),
        (LARGE, 413, {"loc": ["body"], "msg": LARGE.detail, "type": "body_too_large"}),
    ],
)
def test_noteburst(error: Any, status: int, detail: Any) -> None:
    assert answered("/noteburst/v1/notebooks/", error) == (status, {"detail": [detail]})
