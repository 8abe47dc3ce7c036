"""Errors in the words of the surface that a request came by."""

import json
from typing import Any, Final

from starlette.responses import Response

from podbook_api.http import problems
from podbook_api.http.problems import Problem

_B_CODES: Final = {
    "unknown-notebook": "NOTEBOOK_NOT_FOUND",
    "unknown-execution": "NOTEBOOK_EXECUTION_NOT_FOUND",
    "unknown-artifact": "NOTEBOOK_EXECUTION_ARTIFACT_NOT_FOUND",
    "unfinished": "INVALID_EXECUTION_STATE",
}
# What the surfaces answered to input that did not fit, whatever v1 says.
_BAD_REQUEST: Final = 400
# Nothing is wrong with what was sent: it may be sent again, later.
_TOO_MANY: Final = 429
_MISFIT: Final = {"invalid-parameters"}
# Noteburst's answer to a body that is no JSON was that to one that does not fit.
_UNPROCESSABLE: Final = 422
_NO_JSON: Final = {"malformed-json", "malformed-encoding"}
# What their frameworks answered themselves, in these few words.
_BY_TITLE: Final = {"unknown-path", "method-not-allowed"}


def response(path: str, problem: Problem) -> Response:
    """Return the answer to a request for that path."""
    if path.startswith("/api/NotebookExecutions"):
        return _json(_status(problem), {"detail": _detail(problem)}, problem)
    if path.startswith("/api/notebook"):
        return _surface_b(problem)
    if path.startswith("/noteburst/"):
        status = _UNPROCESSABLE if problem.kind in _NO_JSON else problem.status
        return _json(status, {"detail": _noteburst(problem)}, problem)
    return problems.response(problem)


def _surface_b(problem: Problem) -> Response:
    is_callers = problem.status < 500 and problem.status != _TOO_MANY  # noqa: PLR2004
    fallback = "INVALID_INPUT_SCHEMA" if is_callers else "INTERNAL_ERROR"
    code = _B_CODES.get(problem.kind, fallback)
    status = _BAD_REQUEST if code.startswith("INVALID_") and problem.status == 422 else None  # noqa: PLR2004
    body = {"code": code, "message": _detail(problem), "data": {}}
    return _json(status or _status(problem), body, problem)


def _noteburst(problem: Problem) -> list[dict[str, Any]]:
    if problem.kind == "unknown-execution":
        # Word for word what it always was: there are clients that look for it.
        return [{"loc": ["path", "job_id"], "msg": "Job not found", "type": "unknown_job"}]
    if problem.violations:
        return [
            {"loc": ["body", *v.pointer.split("/")[1:]], "msg": v.message, "type": "value"}
            for v in problem.violations
        ]
    kind = problem.kind.replace("-", "_")
    return [{"loc": ["body"], "msg": _text(problem), "type": kind}]


def _status(problem: Problem) -> int:
    return _BAD_REQUEST if problem.kind in _MISFIT else problem.status


def _detail(problem: Problem) -> str:
    text = _text(problem)
    return f"Input schema validation error: {text}" if problem.kind in _MISFIT else text


def _text(problem: Problem) -> str:
    return problem.title if problem.kind in _BY_TITLE else problem.detail or problem.title


def _json(status: int, body: Any, problem: Problem) -> Response:
    return Response(
        json.dumps(body).encode(),
        status_code=status,
        media_type="application/json",
        headers=problem.headers,
    )
