"""jupyrest as its README has it: POST runs the notebook and answers when it has ended."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from podbook_api import bodies, outcomes, sending, submit, waiting
from podbook_api.auth.caller import caller_of
from podbook_api.services import Services
from podbook_api.v1.views import notebook_id
from podbook_crds.execution import Execution
from podbook_crds.phases import Phase

PATH = "/api/NotebookExecutions"
SURFACE = "jupyrest-a"


class RunRequest(BaseModel):
    """Body of the POST."""

    model_config = ConfigDict(strict=True)

    notebook: str
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True)
class Flags:
    """What the GET's answer shows besides the run itself."""

    view_html: bool = False
    report: bool = False
    html: bool = False
    output: bool = False
    ipynb: bool = False


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["jupyrest"])

    @routes.post(
        PATH, operation_id="jupyrestExecute", summary="Run a notebook and wait for its end"
    )
    async def execute(request: Request) -> Response:
        value = await bodies.read_json(request, limit=services.settings.body_limit)
        asked = bodies.fitted(RunRequest, value)
        submission = submit.Request(
            surface=SURFACE,
            caller=caller_of(request),
            parameters=asked.parameters,
            options={"outputValidation": "report"},
            strict=False,
        )
        execution = await services.submissions.run(asked.notebook, submission)
        ended = await waiting.while_connected(request, _ended(services, execution))
        return _json(_fields(await outcomes.completed(services.store, ended)))

    @routes.get(PATH, operation_id="jupyrestExecution", summary="Show a run, as far as asked for")
    async def show(
        request: Request,
        execution_id: Annotated[str, Query(alias="executionId")],
        flags: Annotated[Flags, Depends()],
    ) -> Response:
        execution = await services.executions.find(execution_id)
        if flags.view_html:
            page = await services.artifacts.html(execution, report=flags.report)
            return sending.response(request, page)
        execution = await outcomes.completed(services.store, execution)
        answer = {**_fields(execution), "exception": _exception(execution)}
        if flags.html:
            page = await services.artifacts.html(execution, report=flags.report)
            answer["html"] = (page.data or b"").decode()
        if flags.output:
            answer["output"] = execution.status.output
        if flags.ipynb:
            answer["ipynb"] = (await services.artifacts.notebook(execution)).decode()
        return _json(answer)

    return routes


async def _ended(services: Services, execution: Execution) -> Execution:
    while not execution.status.phase.is_final:
        execution = await services.executions.finished(execution.name, seconds=60)
    return execution


def _fields(execution: Execution) -> dict[str, Any]:
    return {
        "id": execution.name,
        "status": _status(execution),
        "notebook": notebook_id(execution),
        "parameters": execution.spec.parameters,
    }


def _status(execution: Execution) -> str:
    phase = execution.status.phase
    if not phase.is_final:
        return "RUNNING"
    return "COMPLETED" if phase is Phase.SUCCEEDED else "FAILED"


def _exception(execution: Execution) -> str | None:
    status = execution.status
    if status.exception is not None:
        raised = status.exception
        return raised.traceback or f"{raised.name}: {raised.value}"
    if status.phase in (Phase.FAILED, Phase.CANCELLED):
        return f"{status.reason and status.reason.value}: {status.message}"
    return None


def _json(value: Any) -> Response:
    return Response(json.dumps(value).encode(), media_type="application/json")
