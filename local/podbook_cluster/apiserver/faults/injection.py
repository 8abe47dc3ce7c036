"""Breaks requests and watches on purpose, for tests; off unless the process is told otherwise."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from podbook_cluster.apiserver.faults.event_faults import EventFault, is_called
from podbook_cluster.apiserver.faults.request_faults import RequestFault
from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.storage.records import Change
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.storage.watches import Watch, WatchHub
from podbook_cluster.apiserver.terms import errors
from podbook_cluster.apiserver.terms.go_json import encode

CONTROL_PATH: Final = "/_faults"
COUNTS_PATH: Final = "/_requests"

_REASONS: Final = {
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    403: "Forbidden",
    404: "NotFound",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class Faults:
    """The faults that are set, the requests that were counted, and the way to both."""

    def __init__(self, store: Store, hub: WatchHub) -> None:
        self._store = store
        self._hub = hub
        self._requests: list[RequestFault] = []
        self._events: list[EventFault] = []
        self._held: dict[Watch, bytes] = {}
        self.counts: Counter[tuple[str, str, str]] = Counter()
        hub.deliver = self._deliver

    async def answer(
        self, request: Request, answer: Callable[[Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Answer a request, or not, as the faults want it."""
        if request.path == CONTROL_PATH:
            return await self._control(request)
        if request.path == COUNTS_PATH:
            return self._counted(request)
        self._count(request)
        fault = next((item for item in self._requests if item.strikes(request)), None)
        if fault is None:
            return await answer(request)
        if fault.kind == "status":
            raise errors.ApiError(
                fault.code,
                _REASONS.get(fault.code, "InternalError"),
                "a fault that a test asked for",
                retry_after=fault.retry_after,
            )
        if fault.kind == "stale":
            return await answer(replace(request, behind=fault.revisions))
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return await answer(request)
        if fault.kind == "lose-answer":
            await answer(request)
            await self._store.durable(self._store.revision)
        return _cut(request)

    def _count(self, request: Request) -> None:
        agent = request.http.headers.get("User-Agent", "").split("/")[0].split(" ")[0]
        verb = "WATCH" if request.is_watch else request.method
        segments = request.segments
        self.counts[agent, verb, _resource_of(segments)] += 1

    def _counted(self, request: Request) -> web.Response:
        if request.method == "DELETE":
            self.counts.clear()
        counted = [
            {"userAgent": agent, "verb": verb, "resource": resource, "count": count}
            for (agent, verb, resource), count in sorted(self.counts.items())
        ]
        return _json({"requests": counted, "revision": self._store.committed})

    async def _control(self, request: Request) -> web.Response:
        if request.method == "DELETE":
            self._requests.clear()
            self._events.clear()
            return _json({})
        if request.method == "POST":
            self._add(await request.body())
        return _json(
            {
                "requests": [asdict(item) for item in self._requests],
                "events": [asdict(item) for item in self._events],
            }
        )

    def _add(self, wanted: dict[str, Any]) -> None:
        if "request" in wanted:
            self._requests.append(RequestFault(**wanted["request"]))
        if "event" in wanted:
            event = EventFault(**wanted["event"])
            self._meant(event.resource)
            self._events.append(event)
        if wanted.get("compact"):
            self._store.compact()
        if "dropWatches" in wanted:
            for resource in self._meant(wanted["dropWatches"]):
                self._hub.end_all(resource)

    def _meant(self, said: str) -> list[str]:
        """Return the resources that are meant: a fault that can meet nothing proves nothing."""
        meant = [name for name in self._hub.known() if is_called(said, name)]
        if said and not meant:
            raise errors.bad_request(f"nobody has watched or written {said} so far")
        return meant

    def _deliver(self, watch: Watch, line: bytes, change: Change) -> None:
        fault = next((item for item in self._events if item.strikes(change)), None)
        held = self._held.pop(watch, None)
        if fault is None:
            watch.push(line)
        elif fault.kind == "duplicate":
            watch.push(line + line)
        elif fault.kind == "delay":
            asyncio.get_running_loop().call_later(fault.seconds, watch.push, line)
        elif fault.kind == "reorder":
            self._held[watch] = line
        if held is not None:
            watch.push(held)


def _cut(request: Request) -> web.StreamResponse:
    transport = request.http.transport
    if transport is not None:
        transport.abort()
    return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _resource_of(segments: list[str]) -> str:
    rest = segments[2:] if segments[0] == "api" else segments[3:]
    match rest:
        case ["namespaces", _, plural, *below]:
            rest = [plural, *below]
    return "/".join([rest[0], *rest[2:]] if rest else segments)


def _json(value: Any) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json")
