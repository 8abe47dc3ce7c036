"""/v1/executions: what became of every run."""

import contextlib
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.http.paths import root_of
from podbook_api.openapi import route_docs
from podbook_api.state.execution_index import Line
from podbook_api.state.submission_order import Key, Kind, Order
from podbook_api.state.wanted import Wanted
from podbook_api.v1 import continuing, views
from podbook_api.v1.answers.execution import Execution, ExecutionList
from podbook_api.v1.answers.execution_answers import answer, as_json
from podbook_api.v1.handed import Api, Seconds, WantedLines
from podbook_api.wiring import Services
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import ClusterUnavailable

Ordered = Annotated[
    Order,
    Query(description="By when they were submitted. `continue` goes on in the order asked for."),
]
Limit = Annotated[int, Query(ge=1, le=500, description="Executions in one page.")]

routes = APIRouter(prefix="/v1/executions", tags=["executions"])


@routes.get(
    "",
    dependencies=[rights.LIST_EXECUTIONS],
    operation_id="listExecutions",
    summary="List executions",
    responses=route_docs.answers(ExecutionList, 200),
)
async def list_executions(
    request: Request,
    *,
    api: Api,
    notebook: str | None = None,
    phase: Phase | None = None,
    wanted: WantedLines,
    order: Ordered = Order.NEWEST,
    limit: Limit = 50,
    after: continuing.Continue = None,
) -> Response:
    """Where the cluster does not answer, what is known here is better than nothing."""
    with contextlib.suppress(ClusterUnavailable):
        await api.cache.caught_up()
    last = continuing.key_of(after) if after is not None else None
    lines = _lines(api, Kind(notebook, phase), wanted, order, last)
    page = list(islice(lines, limit + 1))
    more = continuing.token_of(page[limit - 1].key) if len(page) > limit else None
    root, known = root_of(request.scope), api.progress.known
    secrets = api.standings.secrets
    items = [
        views.summary(line, known(line.uid), secrets=secrets(line.notebook), root=root)
        for line in page[:limit]
    ]
    view: ExecutionList = {"items": items, "continue": more}
    return as_json(view)


def _lines(
    api: Services, kind: Kind, wanted: Wanted, order: Order, last: Key | None
) -> Iterator[Line]:
    if order is Order.OLDEST:
        return wanted.among_oldest_first(api.index.lines_oldest_first(kind, after=last))
    return wanted.among(api.index.lines(kind, before=last))


@routes.get(
    "/{execution_id}",
    dependencies=[rights.READ_EXECUTION],
    operation_id="getExecution",
    summary="Show an execution",
    responses=route_docs.answers(Execution, 200),
)
async def get_execution(
    request: Request, execution_id: str, api: Api, seconds: Seconds
) -> Response:
    """Wait for its end, where that is asked for."""
    execution = await api.executions.find(execution_id)
    return await answer(api, request, execution, seconds=seconds)


@routes.post(
    "/{execution_id}/cancel",
    dependencies=[rights.CHANGE_EXECUTION],
    operation_id="cancelExecution",
    summary="Cancel an execution",
    responses=route_docs.answers(Execution, 200),
)
async def cancel(request: Request, execution_id: str, api: Api, seconds: Seconds) -> Response:
    """Ask for its end; it saves what it has."""
    caller = caller_of(request)
    execution = await api.executions.cancel(execution_id, by=caller, surface=Surface.V1)
    return await answer(api, request, execution, seconds=seconds)


@routes.delete(
    "/{execution_id}",
    dependencies=[rights.DELETE_EXECUTION],
    operation_id="deleteExecution",
    summary="Delete an execution and what it left",
    status_code=204,
    responses={204: {"description": "It is gone."}, "default": route_docs.PROBLEM},
)
async def delete(request: Request, execution_id: str, api: Api) -> Response:
    """End it first where it still runs."""
    caller = caller_of(request)
    execution = await api.executions.delete(execution_id, by=caller, surface=Surface.V1)
    await api.artifacts.remove(execution)
    return Response(status_code=204)


@routes.post(
    "/{execution_id}/keep",
    dependencies=[rights.CHANGE_EXECUTION],
    operation_id="keepExecution",
    summary="Keep an execution and its artifacts beyond their time",
    responses=route_docs.answers(Execution, 200),
)
async def keep(request: Request, execution_id: str, api: Api) -> Response:
    """Neither is deleted until it is taken back."""
    return await _kept(request, execution_id, api, keep=True)


@routes.delete(
    "/{execution_id}/keep",
    dependencies=[rights.CHANGE_EXECUTION],
    operation_id="unkeepExecution",
    summary="Keep an execution no longer than its time",
    responses=route_docs.answers(Execution, 200),
)
async def unkeep(request: Request, execution_id: str, api: Api) -> Response:
    """What is beyond its time is deleted soon."""
    return await _kept(request, execution_id, api, keep=False)


async def _kept(request: Request, execution_id: str, api: Api, *, keep: bool) -> Response:
    execution = await api.executions.keep(
        execution_id, keep=keep, by=caller_of(request), surface=Surface.V1
    )
    return await answer(api, request, execution, seconds=0)
