"""jupyrest's later surface: accepted at once, polled until COMPLETED, artifacts by name."""

from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from podbook_api.artifacts import file_answers, stored_outcome
from podbook_api.artifacts.execution_artifacts import RENDERED, Body
from podbook_api.artifacts.framed_pages import page_answers
from podbook_api.auth import rights
from podbook_api.http.paths import root_of
from podbook_api.http.problems import Problem
from podbook_api.openapi import contract_schemas, route_docs
from podbook_api.openapi.references import own_schema
from podbook_api.surfaces import jupyrest_calls
from podbook_api.surfaces.answers import json_response
from podbook_api.surfaces.outcome import exception_text, times
from podbook_api.v1.handed import Api
from podbook_api.v1.parameters import IdempotencyKey
from podbook_api.v1.views import submitted_at
from podbook_api.wiring import Services
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import UnknownArtifact
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time

_NOTEBOOKS: Final = "/api/notebooks"
_EXECUTIONS: Final = "/api/notebook_executions"

# The surface's names for artifacts that are always there.
_FILES: Final = {
    "html": names.HTML_ARTIFACT,
    "ipynb": names.NOTEBOOK_ARTIFACT,
    "html_report": names.REPORT_ARTIFACT,
}


class RunRequest(BaseModel):
    """Body of the POST."""

    model_config = ConfigDict(strict=True)

    parameters: dict[str, JsonValue] = Field(default_factory=dict)


routes = APIRouter(tags=["jupyrest"])


@routes.get(
    _NOTEBOOKS,
    dependencies=[rights.LIST_NOTEBOOKS],
    operation_id="jupyrestNotebooks",
    summary="List notebooks",
    responses=route_docs.older_answers(200),
)
async def _list_notebooks(api: Api) -> Response:
    # A notebook without a config file was none to jupyrest.
    listed = [e for e in api.catalog.entries() if not e.notebook.spec.inferred]
    return json_response({"notebooks": [entry.notebook.id for entry in listed]})


@routes.post(
    _NOTEBOOKS + "/{notebook_id:path}/execute",
    dependencies=[rights.RUN],
    operation_id="jupyrestAccept",
    summary="Run a notebook",
    status_code=202,
    responses=route_docs.older_answers(202),
    openapi_extra=route_docs.body(own_schema(RunRequest)),
)
async def _execute(
    request: Request, api: Api, notebook_id: str, idempotency_key: IdempotencyKey = None
) -> Response:
    asked = await jupyrest_calls.asked(request, api, RunRequest)
    submission = jupyrest_calls.submission(
        request, Surface.JUPYREST_B, asked.parameters, idempotency_key
    )
    made = (await api.submissions.run(notebook_id, submission)).execution
    accepted = {"execution_id": made.name, "status": "ACCEPTED", "notebook_id": notebook_id}
    return json_response(accepted, status=202)


@routes.get(
    _NOTEBOOKS + "/{notebook_id:path}",
    dependencies=[rights.READ_NOTEBOOK],
    operation_id="jupyrestNotebook",
    summary="Show a notebook's contract",
    responses=route_docs.older_answers(200),
)
async def _get_notebook(api: Api, notebook_id: str) -> Response:
    spec = (await api.notebooks.find(notebook_id)).notebook.spec
    return json_response(
        {
            "notebook_id": notebook_id,
            "input_schema": contract_schemas.resolved(spec.input or {}, spec.models),
            "output_schema": contract_schemas.resolved(spec.output or {}, spec.models),
        }
    )


@routes.get(
    _EXECUTIONS + "/{execution_id}",
    dependencies=[rights.READ_EXECUTION],
    operation_id="jupyrestPoll",
    summary="Show an execution",
    responses=route_docs.older_answers(200),
)
async def _get_execution(request: Request, api: Api, execution_id: str) -> Response:
    execution = await api.executions.find(execution_id)
    execution = stored_outcome.with_parameters(execution)
    return json_response(_view(execution, root_of(request.scope)))


@routes.get(
    _EXECUTIONS + "/{execution_id}/artifacts/{name}",
    dependencies=[rights.READ_EXECUTION],
    operation_id="jupyrestArtifact",
    summary="Get an artifact",
    responses={**route_docs.FILE, **route_docs.ANY_ERROR},
)
async def _get_artifact(request: Request, api: Api, execution_id: str, name: str) -> Response:
    execution = await api.executions.find(execution_id)
    if not execution.status.phase.is_final:
        detail = f"execution {execution_id} has not completed; its artifacts come then"
        raise Problem(400, "unfinished", "The execution has not completed", detail)
    if _FILES.get(name) in RENDERED and name in _artifacts(execution, ""):
        report = _FILES[name] == names.REPORT_ARTIFACT
        hidden = api.standings.hidden(execution)
        return await page_answers.page(request, api.artifacts, execution, hidden, report=report)
    return file_answers.response(request, await _artifact(api, execution, name))


def _view(execution: Execution, root: str) -> dict[str, Any]:
    status = execution.status
    final = status.phase.is_final
    started, ended = _times(execution)
    return {
        "execution_id": execution.name,
        "status": _status(status.phase),
        "notebook_id": execution.notebook_id,
        "parameters": execution.spec.parameters,
        "execution_accepted_ts": submitted_at(execution),
        "execution_start_ts": started,
        "execution_end_ts": ended,
        "execution_completion_status": _completion(status.phase) if final else None,
        "has_output": bool(status.has_output) if final else None,
        "has_exception": exception_text(execution) is not None if final else None,
        "artifacts": _artifacts(execution, root) if final else None,
    }


def _status(phase: Phase) -> str:
    if phase.is_final:
        return "COMPLETED"
    return "EXECUTING" if phase is Phase.RUNNING else "ACCEPTED"


def _completion(phase: Phase) -> str:
    return "SUCCEEDED" if phase is Phase.SUCCEEDED else "FAILED"


def _times(execution: Execution) -> tuple[str | None, str | None]:
    """Return start and end, as far as they are there."""
    status = execution.status
    if status.phase.is_final:
        started, ended = times(execution)
        return micro_time(started), micro_time(ended)
    claimed = [a.claimed_at for a in status.attempts if a.claimed_at is not None]
    running = status.started_at or (claimed[-1] if claimed else None)
    return (None if running is None else micro_time(running)), None


def _artifacts(execution: Execution, root: str) -> dict[str, str]:
    listed = list(_FILES)
    if execution.status.has_output:
        listed.append("output")
    if exception_text(execution) is not None:
        listed.append("exception")
    address = f"{root}{_EXECUTIONS}/{execution.name}/artifacts"
    return {name: f"{address}/{name}" for name in listed}


async def _artifact(services: Services, execution: Execution, name: str) -> Body:
    if name not in _artifacts(execution, ""):
        raise UnknownArtifact(f"execution {execution.name} has no artifact {name[:200]!r}")
    if name == "output":
        return await services.artifacts.output(execution)
    if name == "exception":
        return await services.artifacts.exception(execution, exception_text(execution) or "")
    body = await services.artifacts.open(execution, _FILES[name])
    return body if name != "ipynb" else body.typed("application/json")
