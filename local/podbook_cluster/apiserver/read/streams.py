"""Answers WATCH: a stream of event lines that starts exactly where a list ended."""

import asyncio
import random
import time
from typing import Final

from aiohttp import web

from podbook_cluster.apiserver.read import representations
from podbook_cluster.apiserver.read.lists import check_match
from podbook_cluster.apiserver.read.object_selectors import parse
from podbook_cluster.apiserver.read.representations import Representation
from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.storage.watches import Watch, WatchHub
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.errors import ApiError, bad_request, expired
from podbook_cluster.apiserver.terms.go_json import encode

# Clients take a watch without a line for a minute for a dead one.
BOOKMARK_SECONDS: Final = 20.0

_SHORTEST_SECONDS: Final = 1800.0


class Streams:
    """Opens watches on the store."""

    def __init__(
        self, store: Store, hub: WatchHub, *, bookmark_seconds: float = BOOKMARK_SECONDS
    ) -> None:
        self._store = store
        self._hub = hub
        self._bookmark_seconds = bookmark_seconds

    async def watch(self, request: Request, call: Call) -> web.StreamResponse:
        """Stream events until the time is over, the client goes, or it falls too far behind."""
        query = request.query
        form = representations.choose(call.resource, request.accept, query.get("includeObject", ""))
        check_match(request)
        fields = query.get("fieldSelector", "")
        if call.name:
            fields = f"metadata.name={call.name}"
        selector = parse(call.resource, query.get("labelSelector", ""), fields)
        watch = Watch(call.resource, call.namespace, selector, render=form.of_object)
        seconds = request.integer("timeoutSeconds") or _SHORTEST_SECONDS * random.uniform(1, 2)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        try:
            first = self._first_lines(request, call, watch, form)
        except ApiError as error:
            if error.reason != "Expired":
                raise
            return await _told(request, response, error)
        transport = request.http.transport
        if transport is not None:
            watch.cut = transport.abort
        self._hub.add(watch)
        try:
            await response.prepare(request.http)
            await response.write(first)
            bookmarks = form if request.flag("allowWatchBookmarks") else None
            await self._follow(watch, response, seconds=seconds, bookmarks=bookmarks)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or was cut
        finally:
            self._hub.remove(watch)
        return response

    def _first_lines(
        self, request: Request, call: Call, watch: Watch, form: Representation
    ) -> bytes:
        """Return what happened between the list and now; nothing is awaited in between."""
        initial = request.query.get("sendInitialEvents")
        if initial == "true" and not request.flag("allowWatchBookmarks"):
            raise bad_request("sendInitialEvents needs allowWatchBookmarks")
        since = request.integer("resourceVersion")
        if initial == "true" or (not since and initial is None):
            records = self._store.scan_at(call.resource, call.namespace, self._store.committed)
            lines = [watch.event("ADDED", record) for record in records if watch.wants(record)]
            if initial == "true":
                mark = form.bookmark(self._store.committed, ends_initial_events=True)
                lines.append(b'{"type":"BOOKMARK","object":%b}\n' % mark)
            return b"".join(lines)
        if not since:
            return b""
        if since > self._store.committed:
            raise expired(f"too new resource version: {since} ({self._store.committed})")
        self._store.check_not_compacted(since)
        changes = self._store.changes_since(call.resource, since)
        return b"".join(line for change in changes if (line := watch.line(change)) is not None)

    async def _follow(
        self,
        watch: Watch,
        response: web.StreamResponse,
        *,
        seconds: float,
        bookmarks: Representation | None,
    ) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            data = await watch.wait(min(left, self._bookmark_seconds))
            if watch.overrun:
                return
            if not data and bookmarks:
                mark = bookmarks.bookmark(self._store.committed)
                data = b'{"type":"BOOKMARK","object":%b}\n' % mark
            if data:
                await response.write(data)


def error_line(error: ApiError) -> bytes:
    """Return an ERROR event."""
    return b'{"type":"ERROR","object":%b}\n' % encode(error.status())


async def _told(
    request: Request, response: web.StreamResponse, error: ApiError
) -> web.StreamResponse:
    """Say it in the stream, not as an HTTP error: kopf ends itself at an HTTP 410."""
    await response.prepare(request.http)
    await response.write(error_line(error))
    await response.write_eof()
    return response
