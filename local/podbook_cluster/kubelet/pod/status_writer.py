"""Writes a pod's status: the newest, one at a time, and only when it says something new.

Events go before the status that they explain: who sees the end of a pod finds why.
"""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from podbook_cluster.kubelet.client import ApiClient, Pod, name_of
from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_kube.backoff import pauses

_log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS: Final = 1.0
# Of one pod; whatever it does again and again is known by then.
_EVENTS_LIMIT: Final = 20


class StatusWriter:
    """The one writer of one pod's status."""

    def __init__(self, client: ApiClient, pod: Pod) -> None:
        self._client = client
        self._pod = pod
        self._events: deque[Mapping[str, Any]] = deque()
        self._left = _EVENTS_LIMIT
        self._written: Mapping[str, Any] = {}
        self._newest: Mapping[str, Any] = {}
        self._news = asyncio.Event()
        self._due = math.inf
        self._sooner = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()

    def offer(self, status: Mapping[str, Any], *, within_seconds: float) -> None:
        """Have a status written within a time, unless a newer one comes first."""
        if status == self._newest:
            return
        self._newest = status
        self._settled.clear()
        self._news.set()
        due = asyncio.get_running_loop().time() + within_seconds
        if due < self._due:
            self._due = due
            self._sooner.set()

    def tell(self, event: Mapping[str, Any]) -> None:
        """Have an event written with the next status."""
        if self._left:
            self._left -= 1
            self._events.append(event)

    async def settled(self) -> None:
        """Wait until what was offered last is written, or can never be."""
        await self._settled.wait()

    async def run(self) -> None:
        """Write for as long as this is awaited."""
        while True:
            await self._news.wait()
            await self._until_due()
            self._news.clear()
            self._due = math.inf
            status = self._newest
            if status != self._written:
                await self._write(status)
            if not self._news.is_set():
                self._settled.set()

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while (left := self._due - loop.time()) > 0:
            self._sooner.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._sooner.wait(), left)

    async def _write(self, status: Mapping[str, Any]) -> None:
        """Try until it is written, refused, or out of date."""
        for delay in pauses(longest_seconds=_LONGEST_PAUSE_SECONDS):
            try:
                await self._write_events()
                await self._client.write_status(self._pod, status)
            except ClusterUnavailable as error:
                _log.info("%s: status not written yet: %s", name_of(self._pod), error)
                await asyncio.sleep(delay)
                if self._news.is_set():
                    return
            except Refused as error:
                # Not found or conflict: the pod is gone, or the name belongs to another by now.
                is_gone = error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
                level = logging.DEBUG if is_gone else logging.ERROR
                _log.log(level, "%s: status refused: %s", name_of(self._pod), error)
                return
            else:
                self._written = status
                return

    async def _write_events(self) -> None:
        while self._events:
            try:
                await self._client.tell(self._events[0])
            except Refused as error:
                _log.info("%s: event refused: %s", name_of(self._pod), error)
            self._events.popleft()
