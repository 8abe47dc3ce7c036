"""Tells what the notebook shows as it changes: at most as often as the intake wants to hear it.

Everything here happens on the thread that reads the kernel's messages, between two of them. What
waits to be told is no list of events but which cells changed: it does not grow while nobody hears.
A run that is over before anything was due tells nothing; its notebook says it all.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from nbformat import NotebookNode

from podbook_crds.log.differences import Told, differences, told
from podbook_crds.log.events import (
    Event,
    EventType,
    cell_finished,
    cell_started,
    metadata_changed,
    planned,
    written,
)
from podbook_crds.log.references import referring
from podbook_runner.events.outbox import Batch
from podbook_runner.events.sender import Sender
from podbook_runner.reporting.retries import Until

_log = logging.getLogger(__name__)

# Before it the log costs nothing: half of all runs are over by then.
FIRST_SECONDS: Final = 0.5
# While a batch is on its way, how soon to look again whether it arrived.
_BUSY_SECONDS: Final = 0.05
# A snapshot comes when what was told since the last one is twice its size, and at least so much:
# the log is never more than three times what the notebook shows.
_LEAST_BYTES: Final = 1024 * 1024
# What Python's writer raises at what no JSON can hold.
_UNWRITABLE: Final = (TypeError, ValueError, RecursionError)


class Teller:
    """The event log of one run."""

    def __init__(
        self,
        notebook: NotebookNode,
        to_run: list[int],
        sender: Sender,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notebook = notebook
        self._to_run = to_run
        self._sender = sender
        self._now = now
        self._told: dict[int, list[Told]] = {}
        self._touched: set[int] = set()
        self._marks: list[tuple[int, Event]] = []
        self._running: int | None = None
        self._since: str | None = None
        self._finished: dict[int, tuple[str, float]] = {}
        self._told_at = now()
        self._next = 1
        self._bytes, self._snapshot_bytes = 0, 0
        # Digests of the large texts that were told since the last snapshot, or in it.
        self._large: set[str] = set()
        self._is_broken = False

    @property
    def has_begun(self) -> bool:
        """Whether there is a log at all."""
        return self._next > 1

    def touch(self, cell: int) -> None:
        """Take it that what a cell shows may have changed."""
        self._touched.add(cell)

    def start(self, cell: int, *, prepared: bool = False) -> None:
        """Take it that a cell begins, and shows nothing; prepared: it ran before the call."""
        self._running, self._since = cell, datetime.now(UTC).isoformat(timespec="milliseconds")
        self._marks.append((cell, cell_started(cell, time=self._since, prepared=prepared)))

    def finish(self, cell: int, *, status: str, seconds: float, count: int | None) -> None:
        """Take it that a cell ended."""
        self._running = self._since = None
        self._finished[cell] = status, seconds
        event = cell_finished(cell, status=status, seconds=seconds, count=count)
        self._marks.append((cell, event))

    def seconds_left(self) -> float | None:
        """Return how soon something is to be told; None where there is nothing to tell."""
        if self._is_broken or not self._has_news():
            return None
        left = self._due() - self._now()
        return max(left, _BUSY_SECONDS if self._sender.is_busy else 0.0)

    def tell_if_due(self, settle: Callable[[], None]) -> None:
        """Tell what changed, if it is time to; settle brings the running cell up to date."""
        if self._is_broken or not self._has_news():
            return
        if self._now() < self._due() or self._sender.is_busy:
            return
        settle()
        self._tell()

    def end(self, *, until: Until) -> None:
        """Tell the rest, where there is a log, and wait until it is stored."""
        if self._is_broken or not self.has_begun:
            return
        self._tell(metadata_changed(dict(self._notebook.metadata)))
        self._sender.finish(until=until)

    def _has_news(self) -> bool:
        return bool(self._touched or self._marks or not self.has_begun)

    def _due(self) -> float:
        wait = self._sender.next_seconds if self.has_begun else FIRST_SECONDS
        return self._told_at + wait

    def _tell(self, *more: Event) -> None:
        is_snapshot = self._bytes > 2 * max(self._snapshot_bytes, _LEAST_BYTES)
        is_snapshot = is_snapshot or not self.has_begun
        try:
            events = [*(self._all() if is_snapshot else self._changes()), *more]
            lines = [written(event) for event in events]
        except _UNWRITABLE as error:
            # What a kernel shows was made fit for JSON long before: the run goes on all the same.
            _log.error("the run tells no more of itself: %s: %s", type(error).__name__, error)
            self._is_broken = True
            return
        self._told_at = self._now()
        if lines:
            self._send(lines, is_snapshot=is_snapshot)

    def _send(self, lines: list[bytes], *, is_snapshot: bool) -> None:
        data, short = b"".join(lines), self._short(lines, is_snapshot=is_snapshot)
        first, self._next = self._next, self._next + len(lines)
        completed = sum(status == "ok" for status, _ in self._finished.values())
        cells = len(self._to_run), completed, self._running
        is_later = is_snapshot and first > 1
        self._sender.send(Batch(first, self._next - 1, data, short, is_later, cells))
        if is_snapshot:
            self._bytes, self._snapshot_bytes = 0, len(data)
        else:
            self._bytes += len(data)

    def _short(self, lines: list[bytes], *, is_snapshot: bool) -> bytes | None:
        """Return lines with names for the texts that were told before; None where none were."""
        told = [referring(line, self._large) for line in lines]
        digests = set[str]().union(*(found for _, found in told))
        is_shorter = bool(digests & self._large)
        # What a snapshot does not show, the log lets go.
        self._large = digests if is_snapshot else self._large | digests
        return b"".join(line for line, _ in told) if is_shorter else None

    def _all(self) -> list[Event]:
        self._touched.clear()
        self._marks.clear()
        self._told = {
            index: [told(output) for output in cell.outputs]
            for index, cell in enumerate(self._notebook.cells)
            if cell.cell_type == "code"
        }
        state: Any = {"running": self._running, "since": self._since}
        return [planned(self._notebook, self._to_run, finished=self._finished, **state)]

    def _changes(self) -> list[Event]:
        events: list[Event] = []
        for cell, mark in self._marks:
            if mark["type"] == EventType.CELL_STARTED:
                self._told[cell] = []
                self._touched.add(cell)
                events.append(mark)
            else:
                events += [*self._change(cell), mark]
        for cell in sorted(self._touched):
            events += self._change(cell)
        self._marks.clear()
        self._touched.clear()
        return events

    def _change(self, cell: int) -> list[Event]:
        outputs = self._notebook.cells[cell].outputs
        events, self._told[cell] = differences(cell, self._told.get(cell, []), outputs)
        return events
