"""jupyrest as its README has it: POST runs the notebook and answers when it has ended."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from podbook_api.artifacts import stored_outcome
from podbook_api.artifacts.framed_pages import page_answers
from podbook_api.auth import rights
from podbook_api.http import problems, waiting
from podbook_api.http.reading import values
from podbook_api.http.reading.written_json import WrittenJson
from podbook_api.openapi import route_docs
from podbook_api.openapi.references import own_schema
from podbook_api.surfaces import jupyrest_calls
from podbook_api.surfaces import jupyrest_events as events
from podbook_api.surfaces.answers import json_response
from podbook_api.surfaces.outcome import exception_text
from podbook_api.v1.handed import Api
from podbook_api.v1.parameters import IdempotencyKey
from podbook_api.wiring import Services
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import PodbookError
from podbook_crds.resources.execution import Execution

PATH: Final = "/api/NotebookExecutions"


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


routes = APIRouter(tags=["jupyrest"])


@routes.post(
    PATH,
    dependencies=[rights.RUN],
    operation_id="jupyrestExecute",
    summary="Run a notebook and wait for its end",
    responses=route_docs.older_answers(200),
    openapi_extra=route_docs.body(own_schema(RunRequest)),
)
async def _execute(request: Request, api: Api, idempotency_key: IdempotencyKey = None) -> Response:
    asked = await jupyrest_calls.asked(request, api, RunRequest)
    submission = jupyrest_calls.submission(
        request, Surface.JUPYREST_A, asked.parameters, idempotency_key
    )
    execution = (await api.submissions.run(asked.notebook, submission)).execution
    waited = api.executions.finished(execution.name, seconds=api.settings.silence_seconds)
    execution = await waiting.while_connected(request, waited)
    if execution.status.phase.is_final:
        return json_response(_fields(execution))
    if api.executions.is_stopping:
        raise problems.stopping(f"execution {execution.name} runs on")
    return KeptAlive(_kept_alive(api, execution), media_type="application/json")


@routes.get(
    PATH,
    dependencies=[rights.READ_ASKED_EXECUTION],
    operation_id="jupyrestExecution",
    summary="Show a run, as far as asked for",
    responses={**route_docs.older_answers(200), **route_docs.PAGE},
)
async def _show(
    request: Request,
    api: Api,
    execution_id: Annotated[str, Query(alias="executionId")],
    flags: Annotated[Flags, Depends()],
) -> Response:
    execution = await api.executions.find(execution_id)
    if flags.view_html:
        hidden = api.standings.hidden(execution)
        return await page_answers.page(
            request, api.artifacts, execution, hidden, report=flags.report
        )
    answer = _fields(execution)
    answer["exception"] = exception_text(execution)
    if flags.html:
        page = await api.artifacts.html(execution, report=flags.report)
        answer["html"] = await values.text(api.reader, page.data or b"")
    if flags.output:
        whole = await stored_outcome.completed(api.store, api.reader, execution)
        answer["output"] = whole.status.output
    if flags.ipynb:
        answer["ipynb"] = await _ipynb(api, execution)
    return json_response(answer)


async def _ipynb(services: Services, execution: Execution) -> str | WrittenJson:
    parameters = stored_outcome.with_parameters(execution).spec.parameters
    created = events.created(execution.notebook_id, parameters, plugin=events.DEFAULT_PLUGIN)
    told = events.Told(created)
    if execution.status.phase.is_final:
        told = await events.with_end(services, execution, told)
    ipynb = await services.artifacts.notebook(execution)
    return await values.text(services.reader, await events.recorded(services, ipynb, told))


class Stopping(Exception):
    """The API stops before the run has ended."""


class KeptAlive(StreamingResponse):
    """An answer that is being waited for; where the API stops it is left without an end.

    A status was sent and cannot be taken back. A body that ends early is an error to every
    client; one that says FAILED would be believed, though the run goes on.
    """

    async def stream_response(self, send: Send) -> None:
        """Send the answer, or a part of it."""
        with contextlib.suppress(Stopping):
            await super().stream_response(send)


async def _kept_alive(services: Services, execution: Execution) -> AsyncIterator[bytes]:
    """Yield blanks, which JSON allows before a value, until the end and then the answer."""
    while not execution.status.phase.is_final:
        if services.executions.is_stopping:
            raise Stopping
        yield b" "
        try:
            execution = await services.executions.finished(
                execution.name, seconds=services.settings.silence_seconds
            )
        except PodbookError:
            # The status line is sent: what is left to say is how the run stood last.
            if services.index.line(execution.name) is None:
                break
            await asyncio.sleep(1)
    yield json.dumps(_fields(execution)).encode()


def _fields(execution: Execution) -> dict[str, Any]:
    execution = stored_outcome.with_parameters(execution)
    return {
        "id": execution.name,
        "status": "COMPLETED" if execution.status.phase is Phase.SUCCEEDED else "FAILED",
        "notebook": execution.notebook_id,
        "parameters": execution.spec.parameters,
    }
