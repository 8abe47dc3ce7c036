"""Answers `pods/NAME/log` from the files that the kubelet writes."""

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from podbook_cluster.apiserver.read import log_options
from podbook_cluster.apiserver.read.representations import warning
from podbook_cluster.apiserver.read.tails import Tail
from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.storage.records import Object, Record
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms.errors import bad_request
from podbook_cluster.apiserver.terms.resources import PODS
from podbook_cluster.apiserver.write.pods import FINISHED

_POLL_SECONDS: Final = 0.1


class Logs:
    """The log files below a kubelet's folder, and the pods that they belong to."""

    def __init__(self, store: Store, pods_folder: Path) -> None:
        self._store = store
        self._folder = pods_folder

    async def answer(self, request: Request, record: Record) -> web.StreamResponse:
        """Return a container's log, and what follows where the client wants to follow."""
        pod = record.decode()
        options = log_options.read(request, pod)
        tail = Tail(self._folder / record.uid / "logs" / f"{options.container}.log")
        present = tail.older() + tail.read()
        if not tail.has_begun and not options.follow:
            raise bad_request(_not_begun(options.container, pod))
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        if options.by_time:
            response.headers["Warning"] = warning(log_options.TIMELESS)
        try:
            await response.prepare(request.http)
            await response.write(options.cut(present))
            if options.follow:
                await self._follow(record, tail, response)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # nobody reads any more
        finally:
            tail.close()
        return response

    async def _follow(self, record: Record, tail: Tail, response: web.StreamResponse) -> None:
        while True:
            ended = self._has_ended(record)
            if data := tail.read():
                await response.write(data)
            if ended:
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _has_ended(self, record: Record) -> bool:
        current = self._store.get(PODS, record.key)
        if current is None or current.uid != record.uid:
            return True
        return current.fields["status.phase"] in FINISHED


def _not_begun(container: str, pod: Object) -> str:
    """Say why there is no log, in a kubelet's words."""
    status = pod.get("status") or {}
    what = f'container "{container}" in pod "{pod["metadata"]["name"]}"'
    state = next(
        (
            item.get("state") or {}
            for item in status.get("containerStatuses") or ()
            if item.get("name") == container
        ),
        None,
    )
    if state is None and status.get("message"):
        return f"{what} was not started: {status['message']}"
    if "terminated" in (state or {}):
        return f"{what} is terminated"
    reason = ((state or {}).get("waiting") or {}).get("reason")
    return f"{what} is waiting to start" + (f": {reason}" if reason else "")
