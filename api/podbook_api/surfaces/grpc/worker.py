"""Answers a call: makes the execution, waits for its end, takes the notebook, deletes it."""

import asyncio
import logging
from typing import Any, Final

from podbook_api.auth.rbac import User
from podbook_api.http import problems
from podbook_api.http.problems import problem_of
from podbook_api.submit import calls
from podbook_api.surfaces import jupyrest_calls
from podbook_api.surfaces import jupyrest_events as events
from podbook_api.surfaces.grpc.messages import Response, StatusCode
from podbook_api.surfaces.outcome import exception_text
from podbook_api.wiring import Services
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import (
    InvalidParameters,
    PodbookError,
    UnknownExecution,
    UnknownNotebook,
)
from podbook_crds.formats import strict_json
from podbook_crds.resources.execution import Execution

_log = logging.getLogger(__name__)

# jupyrest's plugins were resolver, schema and executor in one; the catalog is all three.
PLUGINS: Final = frozenset({"", "default"})

_RAN: Final = frozenset(
    {
        Reason.NOTEBOOK_COMPLETED,
        Reason.NOTEBOOK_RAISED,
        Reason.OUTPUT_INVALID,
        Reason.OUTPUT_MISSING,
    }
)

_OPTIONS: Final = {
    **jupyrest_calls.OPTIONS,
    # Only where this process dies before it deletes the execution itself.
    "ttlSecondsAfterFinished": 300,
}


class BadCall(PodbookError):
    """What the caller asks for cannot be; code says which kind of answer that is."""

    def __init__(self, code: StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


async def execute(services: Services, request: Any, caller: User) -> Any:
    """Return the answer to a request; raise PodbookError where there is none.

    However it ends, by the caller's deadline and its hanging up as well, no execution is left.
    """
    submission = await _submission(services, request, caller)
    created = events.created(request.notebook_id, submission.parameters, plugin=request.plugin_name)
    if request.parameterize_only:
        entry, _ = await services.submissions.checked(request.notebook_id, submission)
        ipynb = await services.dry_runs.notebook(entry, submission.parameters)
        return answer(
            StatusCode.OK, ipynb=await events.recorded(services, ipynb, events.Told(created))
        )
    execution = (await services.submissions.run(request.notebook_id, submission)).execution
    try:
        execution = await _ended(services, execution)
        ipynb = await services.artifacts.notebook(execution)
        told = await events.with_end(services, execution, events.Told(created))
        return _outcome(execution, await events.recorded(services, ipynb, told))
    finally:
        # Shielded: a caller that hangs up cancels this, and must not keep it from being deleted.
        await asyncio.shield(_delete(services, execution, caller))


def refusal(error: PodbookError) -> Any:
    """Return the answer to a call that came to nothing."""
    if isinstance(error, BadCall):
        return answer(error.code, details=str(error))
    if isinstance(error, InvalidParameters):
        details = f"Input schema validation error: {error}"
        return answer(StatusCode.INPUT_SCHEMA_VALIDATION_ERROR, details=details)
    if isinstance(error, UnknownNotebook):
        return answer(StatusCode.NOTEBOOK_NOT_FOUND, details=str(error))
    problem = problem_of(error)
    too_large = problem.kind == "parameters-too-large"
    code = StatusCode.BAD_INPUT if too_large else StatusCode.INTERNAL_ERROR
    return answer(code, details=str(problem))


def answer(code: StatusCode, *, details: str = "", ipynb: bytes | None = None) -> Any:
    """Return a response; without an ipynb it has no notebook at all."""
    response = Response()
    response.status.code = code
    # Text that may quote what a notebook printed: lone surrogates cannot be sent.
    response.status.details = details.encode("utf-8", "replace").decode()
    if ipynb is not None:
        response.notebook.ipynb = ipynb
    return response


async def _submission(services: Services, request: Any, caller: User) -> calls.Request:
    limit = services.settings.body_limit
    if request.plugin_name not in PLUGINS:
        raise BadCall(
            StatusCode.PLUGIN_NOT_FOUND,
            f"no plugin is called {request.plugin_name[:100]!r}; the only one is 'default'",
        )
    if len(request.parameters) > limit:
        # A message may be larger, for the sake of notebooks; reading so much JSON would take long.
        raise BadCall(StatusCode.BAD_INPUT, f"parameters may have {limit} bytes")
    try:
        parameters = (await services.large_bodies.read(request.parameters or b"{}")).value
    except strict_json.NotJson as error:
        raise BadCall(StatusCode.BAD_INPUT, f"parameters are not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise BadCall(StatusCode.BAD_INPUT, "parameters are not a JSON object")
    return calls.Request(
        surface=Surface.JUPYREST_GRPC, caller=caller, parameters=parameters, options=_OPTIONS
    )


async def _ended(services: Services, execution: Execution) -> Execution:
    while not execution.status.phase.is_final:
        if services.executions.is_stopping:
            raise problems.stopping(f"execution {execution.name} is ended with it")
        execution = await services.executions.finished(execution.name, seconds=60)
    return execution


def _outcome(execution: Execution, ipynb: bytes) -> Any:
    """A notebook that raised has run; one that was lost, killed or cancelled has not."""
    if execution.status.reason in _RAN:
        return answer(StatusCode.OK, ipynb=ipynb)
    details = exception_text(execution) or ""
    return answer(StatusCode.INTERNAL_ERROR, details=details, ipynb=ipynb)


async def _delete(services: Services, execution: Execution, caller: User) -> None:
    try:
        await services.executions.delete(execution.name, by=caller, surface=Surface.JUPYREST_GRPC)
    except UnknownExecution:
        return
    except PodbookError as error:
        _log.warning("%s: not deleted after its call: %s", execution.name, error)
