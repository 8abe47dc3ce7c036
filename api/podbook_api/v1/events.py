"""/v1/executions/{id}/events, …/log, …/pod-events, /v1/events: what runs tell, and are told of."""

import re
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.auth.caller import visitor_of
from podbook_api.events.changes import event_of
from podbook_api.events.pod_logs import Container, last_lines
from podbook_api.events.standing import QUIET, Item, Place
from podbook_api.http.problems import Problem
from podbook_api.http.streams import EVENT_STREAM, NDJSON, Stream, wants_lines
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.pod_events import PodEvents
from podbook_api.v1.handed import Api
from podbook_api.wiring import Services
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import PodbookError
from podbook_crds.log.events import written

_PLACE: Final = r"([0-9]{1,6})\.([0-9]{1,12})(?:\.([0-9]{1,6}))?"
# A right that was taken away ends what it let in.
_ASKED_AGAIN_SECONDS: Final = 60.0
# Something is said at least so often, for whoever is on the way.
_QUIET_SECONDS: Final = 15.0
# Where a reader of server-sent events comes back after this process has ended the stream.
_RETRY: Final = b"retry: 1000\n\n"

After = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^({_PLACE})?$"})] | None,
    Query(description="The id of the last event that was read: everything after it follows."),
]
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="As `after`; sent by browsers.")
]
# More than a log has of either.
_MOST: Final = 1_000_000_000
LastEvents = Annotated[
    int | None,
    Query(
        alias="tail",
        ge=0,
        le=_MOST,
        description="How many of the events told so far are wanted, the last ones, before those"
        " to come: of the last attempt. `after` and `Last-Event-ID` go before it.",
    ),
]

Of = Annotated[Container, Query(description="The notebook's container, or Podbook's own.")]
Attempt = Annotated[
    int | None, Query(ge=1, description="The number of the attempt; without it the last.")
]
LastLines = Annotated[
    int | None,
    Query(alias="tail", ge=0, le=_MOST, description="How many lines are wanted, the last ones."),
]

routes = APIRouter(prefix="/v1", tags=["executions"])


@routes.get(
    "/executions/{execution_id}/events",
    dependencies=[rights.READ_EXECUTION],
    operation_id="followExecution",
    summary="Follow an execution",
    responses=route_docs.STREAM,
)
async def follow(
    request: Request,
    execution_id: str,
    api: Api,
    *,
    after: After = None,
    last_event_id: LastEventId = None,
    last: LastEvents = None,
) -> Response:
    """Tell what has happened after that place, and what happens until its end."""
    place = _place(after or last_event_id)
    execution = await api.executions.find(execution_id)
    if last is not None and place == Place():
        place = await api.following.near_the_end(execution, last)
    followed = api.following.follow(execution.name, place)
    return _stream(request, api, followed, rights.READ_EXECUTION_RIGHT)


@routes.get(
    "/executions/{execution_id}/log",
    dependencies=[rights.READ_LOG],
    operation_id="getExecutionLog",
    summary="Read what a container of a run's pod wrote",
    responses=route_docs.TEXT,
)
async def log(
    request: Request,
    execution_id: str,
    api: Api,
    *,
    container: Of = "kernel",
    attempt: Attempt = None,
    last: LastLines = None,
) -> Response:
    """Send its end, from the pod or as it was kept."""
    await visitor_of(request).enter(rights.READ_EXECUTION_RIGHT.access(execution_id))
    execution = await api.executions.find(execution_id)
    text = await api.pod_logs.read(execution, container, attempt)
    if last is not None:
        text = last_lines(text, last)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


@routes.get(
    "/executions/{execution_id}/pod-events",
    dependencies=[rights.READ_POD_EVENTS],
    operation_id="listPodEvents",
    summary="Read what the cluster tells of a run's pod",
    responses=route_docs.answers(PodEvents, 200),
)
async def pod_events(
    request: Request, execution_id: str, api: Api, attempt: Attempt = None
) -> Response:
    """Tell why a pod waits, or what became of it; as the cluster has it, or as it was kept."""
    await visitor_of(request).enter(rights.READ_EXECUTION_RIGHT.access(execution_id))
    execution = await api.executions.find(execution_id)
    hidden = (await api.standings.of(execution)).secrets
    values = [value for name, value in execution.spec.parameters.items() if name in hidden]
    told = await api.pod_events.read(execution, attempt, [v for v in values if isinstance(v, str)])
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(told, headers=headers)


@routes.get(
    "/events",
    dependencies=[rights.LIST_EXECUTIONS],
    operation_id="followExecutions",
    summary="Follow how the phases of executions change",
    responses=route_docs.STREAM,
)
async def follow_all(
    request: Request, api: Api, notebook: str | None = None, phase: Phase | None = None
) -> Response:
    """Tell of each change from now on."""
    return _stream(request, api, _changes(api, notebook, phase), rights.LIST_RIGHT)


def _stream(
    request: Request, services: Services, items: AsyncIterator[Item], right: rights.Right
) -> Stream:
    """Return items in the form that was asked for, for as long as the caller has the right."""
    allowed = _allowed(request, items, right)
    if wants_lines(request):
        return Stream(_lines(allowed), NDJSON)
    return Stream(_events(allowed, lambda: services.executions.is_stopping), EVENT_STREAM)


async def _changes(
    services: Services, notebook: str | None, phase: Phase | None
) -> AsyncIterator[Item]:
    """Yield each change of the kind from now on; whoever connects again reads its list anew."""
    async for line in services.changes.follow(seconds=_QUIET_SECONDS):
        if line is None:
            yield QUIET
        elif notebook in (None, line.notebook_id) and phase in (None, line.phase):
            yield Item(written(event_of(line)))


async def _allowed(
    request: Request, items: AsyncIterator[Item], right: rights.Right
) -> AsyncIterator[Item]:
    """Pass items on for as long as the caller may read them: who let it in is asked again."""
    asked_at = monotonic()
    async for item in items:
        if monotonic() - asked_at > _ASKED_AGAIN_SECONDS:
            asked_at = monotonic()
            try:
                await right(request)
            except PodbookError:
                return
        yield item


async def _lines(items: AsyncIterator[Item]) -> AsyncIterator[bytes]:
    async for item in items:
        yield _as_line(item)


async def _events(
    items: AsyncIterator[Item], is_stopping: Callable[[], bool]
) -> AsyncIterator[bytes]:
    async for item in items:
        yield _as_event(item)
    if is_stopping():
        yield _RETRY


def _place(text: str | None) -> Place:
    if not text:
        return Place()
    found = re.fullmatch(_PLACE, text)
    if found is None:
        detail = "after, like Last-Event-ID, is the id of an event, such as 1.42"
        raise Problem(422, "invalid-request", "The query does not fit", detail)
    return Place(int(found[1]), int(found[2]), int(found[3] or 0))


def _as_event(item: Item) -> bytes:
    if item is QUIET:
        return b": still here\n\n"
    named = b"" if item.id is None else b"id: %s\n" % item.id.encode()
    return b"%sdata: %s\n\n" % (named, item.line.rstrip(b"\n"))


def _as_line(item: Item) -> bytes:
    if item is QUIET:
        return b"\n"
    if item.id is None:
        return item.line
    return b'{"id":"%s",%s' % (item.id.encode(), item.line[1:])
