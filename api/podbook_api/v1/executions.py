"""/v1/executions: runs of inline notebooks, and what became of every run."""

import base64
import contextlib
import json
import re
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from podbook_api.artifacts import artifact_names, stored_outcome
from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, waiting
from podbook_api.http.paths import base_url, root_of
from podbook_api.http.problems import Problem
from podbook_api.openapi import route_docs
from podbook_api.openapi.schemas import reference
from podbook_api.state.execution_index import Line
from podbook_api.state.submission_order import Key, Kind
from podbook_api.submit import inline, submissions
from podbook_api.v1 import views
from podbook_api.v1.parameters import DryRun, IdempotencyKey, Wait
from podbook_api.v1.requests import InlineRequest, options_of
from podbook_api.wiring import Services
from podbook_crds.calls.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import ClusterUnavailable
from podbook_crds.resources.execution import Execution

# Any text of base64url: what a client makes up by the document is taken, and leads nowhere special.
_CONTINUE: Final = "([A-Za-z0-9_-]{4})*([A-Za-z0-9_-]{2,3})?"
Continue = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_CONTINUE}$"})] | None,
    Query(alias="continue", description="What the page before gave as `continue`."),
]
Limit = Annotated[int, Query(ge=1, le=500, description="Executions in one page.")]


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/executions", tags=["executions"])

    @routes.get(
        "",
        dependencies=[rights.LIST_EXECUTIONS],
        operation_id="listExecutions",
        summary="List executions, newest first",
        responses=route_docs.answers("ExecutionList", 200),
    )
    async def list_executions(
        request: Request,
        notebook: str | None = None,
        phase: Phase | None = None,
        limit: Limit = 50,
        after: Continue = None,
    ) -> Response:
        with contextlib.suppress(ClusterUnavailable):
            # Where the cluster does not answer, what is known here is better than nothing.
            await services.cache.caught_up()
        before = _key(after) if after else None
        lines = services.index.lines(Kind(notebook, phase), before=before)
        page = list(islice(lines, limit + 1))
        root = root_of(request.scope)
        more = _token(page[limit - 1]) if len(page) > limit else None
        known = services.progress.known
        secrets = services.standings.secrets
        items = [
            views.summary(line, known(line.uid), secrets=secrets(line.notebook), root=root)
            for line in page[:limit]
        ]
        return _json({"items": items, "continue": more})

    @routes.post(
        "",
        dependencies=[rights.RUN],
        operation_id="runInline",
        summary="Run a notebook of your own",
        status_code=202,
        responses=route_docs.run_answers("Execution"),
        openapi_extra=route_docs.body(reference("InlineRequest")),
    )
    async def run_inline(
        request: Request,
        wait: Wait = None,
        dry_run: DryRun = False,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        seconds = waiting.seconds(request, wait)
        value = await bodies.read_json(request, limit=services.settings.body_limit)
        asked = bodies.fitted(InlineRequest, value)
        notebook = inline.read(asked.ipynb)
        submission = submissions.Request(
            surface=Surface.V1,
            caller=caller_of(request),
            parameters=asked.parameters,
            options=options_of(asked),
            idempotency_key=idempotency_key,
            language=notebook.language,
            webhook=asked.webhook,
            base_url=base_url(request.scope),
        )
        if dry_run:
            await services.submissions.check_inline(submission)
            return await _shown(services, notebook, asked)
        execution = await services.submissions.run_inline(notebook.text, submission)
        return await answer(services, request, execution, seconds=seconds, created=True)

    @routes.get(
        "/{execution_id}",
        dependencies=[rights.READ_EXECUTION],
        operation_id="getExecution",
        summary="Show an execution",
        responses=route_docs.answers("Execution", 200),
    )
    async def get_execution(request: Request, execution_id: str, wait: Wait = None) -> Response:
        seconds = waiting.seconds(request, wait)
        execution = await services.executions.find(execution_id)
        return await answer(services, request, execution, seconds=seconds)

    @routes.post(
        "/{execution_id}/cancel",
        dependencies=[rights.CHANGE_EXECUTION],
        operation_id="cancelExecution",
        summary="Cancel an execution",
        responses=route_docs.answers("Execution", 200),
    )
    async def cancel(request: Request, execution_id: str, wait: Wait = None) -> Response:
        seconds = waiting.seconds(request, wait)
        execution = await services.executions.cancel(
            execution_id, by=caller_of(request), surface=Surface.V1
        )
        return await answer(services, request, execution, seconds=seconds)

    @routes.delete(
        "/{execution_id}",
        dependencies=[rights.DELETE_EXECUTION],
        operation_id="deleteExecution",
        summary="Delete an execution and what it left",
        status_code=204,
        responses={204: {"description": "It is gone."}, "default": route_docs.PROBLEM},
    )
    async def delete(request: Request, execution_id: str) -> Response:
        execution = await services.executions.delete(
            execution_id, by=caller_of(request), surface=Surface.V1
        )
        await services.artifacts.remove(execution)
        return Response(status_code=204)

    return routes


async def _shown(
    services: Services, notebook: inline.InlineNotebook, asked: InlineRequest
) -> Response:
    kernel = None if asked.runtime is None else asked.runtime.kernel
    ipynb = await services.dry_runs.inline(
        notebook.text, asked.parameters, language=notebook.language, kernel=kernel
    )
    return Response(ipynb, media_type=artifact_names.IPYNB_TYPE)


async def answer(
    services: Services,
    request: Request,
    execution: Execution,
    *,
    seconds: float,
    created: bool = False,
) -> Response:
    """Return the execution as it is when it ends or the time is over; 202 only to a POST."""
    if seconds and not execution.status.phase.is_final:
        waited = services.executions.finished(execution.name, seconds=seconds)
        execution = await waiting.while_connected(request, waited)
    if not created:
        execution = await services.starts.derived(execution)
    execution = await stored_outcome.completed(services.store, execution)
    running = execution.status.phase is Phase.RUNNING
    view = views.execution(
        execution,
        await services.artifacts.listed(execution),
        await services.progress.get(execution.uid) if running else None,
        await services.standings.of(execution),
        root=root_of(request.scope),
    )
    pending = created and not execution.status.phase.is_final
    headers = {"Location": view["links"]["self"]} if created else {}
    return _json(view, status=202 if pending else 200, headers=headers)


def _token(line: Line) -> str:
    text = "\0".join(line.key).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _key(token: str) -> Key:
    """Return where a page begins; whatever fits the pattern stands somewhere in the order."""
    if not re.fullmatch(_CONTINUE, token):
        detail = "continue is what an earlier page gave, unchanged"
        raise Problem(422, "invalid-request", "The query does not fit", detail)
    text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode(errors="replace")
    submitted_at, _, name = text.partition("\0")
    return Key(submitted_at, name)


def _json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    # ASCII: outputs and parameters may hold lone surrogates, which UTF-8 cannot.
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(body, status_code=status, headers=headers, media_type="application/json")
