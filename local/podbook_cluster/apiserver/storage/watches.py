"""Turns the store's changes into the event lines of each watch."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

from podbook_cluster.apiserver.read.object_selectors import Selector
from podbook_cluster.apiserver.storage import records
from podbook_cluster.apiserver.storage.records import Change, Record
from podbook_cluster.apiserver.terms.resources import Resource

# A reader that is this far behind is cut: it lists again, and no memory grows without bound.
BACKLOG_LIMIT_BYTES: Final = 32 * 2**20

Render = Callable[[Record], bytes]
Deliver = Callable[["Watch", bytes, Change], None]


class Watch:
    """What one client watches, and the lines that it has not read yet."""

    def __init__(
        self, resource: Resource, namespace: str, selector: Selector, *, render: Render
    ) -> None:
        self.resource = resource
        self.overrun = False
        # Called when the reader is too far behind; it may be stuck in a write.
        self.cut: Callable[[], None] | None = None
        self._namespace = namespace
        self._selector = selector
        self._render = render
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._wake = asyncio.Event()

    def wants(self, record: Record) -> bool:
        """Return whether the selectors match."""
        if self._namespace and record.namespace != self._namespace:
            return False
        return self._selector.is_empty or self._selector.matches(record.labels, record.fields)

    def line(self, change: Change) -> bytes | None:
        """Return the event that this watch sees of a change, or None where it sees none.

        An object that begins to match is ADDED, one that no longer matches is DELETED with the
        last state that did.
        """
        now = change.type != "DELETED" and self.wants(change.record)
        before = change.previous is not None and self.wants(change.previous)
        if now:
            return self.event("MODIFIED" if before else "ADDED", change.record)
        if before and change.previous is not None:
            gone = change.record
            if change.type != "DELETED":
                gone = records.at_revision(change.previous, change.revision)
            return self.event("DELETED", gone)
        return None

    def event(self, kind: str, record: Record) -> bytes:
        """Return one event as a line."""
        return b'{"type":"%b","object":%b}\n' % (kind.encode(), self._render(record))

    def push(self, line: bytes) -> None:
        """Queue a line for the reader."""
        if self.overrun:
            return
        self._lines.append(line)
        self._size += len(line)
        self._wake.set()
        if self._size > BACKLOG_LIMIT_BYTES:
            self.end()
            if self.cut is not None:
                self.cut()

    def end(self) -> None:
        """Make the reader stop at once."""
        self.overrun = True
        self._wake.set()

    async def wait(self, timeout_seconds: float) -> bytes:
        """Return all queued lines, or nothing when the time is over."""
        if not self._lines and not self.overrun:
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._wake.wait()
            except TimeoutError:
                return b""
        self._wake.clear()
        data = b"".join(self._lines)
        self._lines.clear()
        self._size = 0
        return data


class WatchHub:
    """All open watches."""

    def __init__(self) -> None:
        self._watches: dict[str, set[Watch]] = defaultdict(set)
        self.deliver: Deliver = _push

    def add(self, watch: Watch) -> None:
        """Tell `watch` of every change from now on."""
        self._watches[watch.resource.stored.qualified].add(watch)

    def remove(self, watch: Watch) -> None:
        """Tell it no more."""
        self._watches[watch.resource.stored.qualified].discard(watch)

    def publish(self, change: Change) -> None:
        """Tell every watch of one change."""
        for watch in tuple(self._watches[change.record.resource]):
            line = watch.line(change)
            if line is not None:
                self.deliver(watch, line, change)

    def known(self) -> list[str]:
        """Return the resources that were watched or written so far, by their qualified names."""
        return list(self._watches)

    def end_all(self, resource: str | None = None) -> int:
        """End the watches of a resource, or all; returns how many there were."""
        names = [resource] if resource else list(self._watches)
        ended = [watch for name in names for watch in self._watches[name]]
        for watch in ended:
            watch.end()
        return len(ended)


def _push(watch: Watch, line: bytes, _change: Change) -> None:
    watch.push(line)
