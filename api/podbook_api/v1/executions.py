"""/v1/executions: runs of inline notebooks, and what became of every run."""

import contextlib
import json
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from podbook_api.artifacts import artifact_names, stored_outcome
from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, waiting
from podbook_api.http.paths import base_url, root_of
from podbook_api.openapi import route_docs
from podbook_api.openapi.schemas import reference
from podbook_api.state.submission_order import Kind
from podbook_api.submit import inline, submissions
from podbook_api.v1 import continuing, views
from podbook_api.v1.parameters import DryRun, IdempotencyKey, Wait
from podbook_api.v1.requests import InlineRequest, options_of
from podbook_api.wiring import Services
from podbook_crds.calls.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import ClusterUnavailable
from podbook_crds.resources.execution import Execution

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
        after: continuing.Continue = None,
    ) -> Response:
        with contextlib.suppress(ClusterUnavailable):
            # Where the cluster does not answer, what is known here is better than nothing.
            await services.cache.caught_up()
        before = continuing.key_of(after) if after is not None else None
        lines = services.index.lines(Kind(notebook, phase), before=before)
        page = list(islice(lines, limit + 1))
        root = root_of(request.scope)
        more = continuing.token_of(page[limit - 1].key) if len(page) > limit else None
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


def _json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    # ASCII: outputs and parameters may hold lone surrogates, which UTF-8 cannot.
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(body, status_code=status, headers=headers, media_type="application/json")
