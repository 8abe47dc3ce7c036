"""Takes in what runners tell, numbered and in order, and writes it to the store in segments.

A batch that was sent once is frozen: it is sent again with the same bytes until the store has it.
So it does not matter which replica takes it in, nor how often: the same numbers are the same lines.
"""

import asyncio
import logging
from time import monotonic
from typing import Final

from cachetools import LRUCache

from podbook_api.artifacts.store import Store
from podbook_api.events.segments import Segment, Segments
from podbook_api.events.tails import TOLD_SECONDS, Tails
from podbook_api.http.problems import Problem
from podbook_crds.errors import PodbookError
from podbook_crds.protocol.intake import EventsTaken

_log = logging.getLogger(__name__)

# When the next batch is wanted: while somebody watches, and while nobody does.
_WATCHED_SECONDS: Final = 0.25
_UNWATCHED_SECONDS: Final = 5.0
# With many watched runs each is asked less often.
_SECONDS_FOR_EACH: Final = 0.005
# Between two segments of a log that is watched.
_WRITE_SECONDS: Final = 1.0
_REMEMBERED: Final = 4096


class Gap(Problem):
    """A batch does not follow what is known here: it has to be sent from `expected` on."""

    def __init__(self, expected: int) -> None:
        super().__init__(409, "events-gap", f"the next event has the number {expected}")
        self.expected = expected


class Journal:
    """One attempt's log, as far as this process has taken it in."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._lock = asyncio.Lock()
        self._stored: int | None = None
        self._pending: list[bytes] = []
        self._written_at = 0.0
        self._flushing: asyncio.Task[None] | None = None

    async def take(self, batch: Segment, *, stored: int, watched: bool, snapshot: bool) -> Segment:
        """Take in a batch; return those of its lines that are new here. Raises Gap."""
        async with self._lock:
            await self._catch_up(stored)
            expected = self._known + len(self._pending) + 1
            if batch.first > expected:
                raise Gap(expected)
            new = Segment(expected, batch.lines[expected - batch.first :])
            if snapshot and self._pending:
                await self._flush()
            self._pending += new.lines
            if snapshot or not watched or monotonic() - self._written_at >= _WRITE_SECONDS:
                await self._flush()
            elif self._flushing is None:
                self._flushing = asyncio.create_task(self._flush_later())
            if snapshot and new.lines:
                await self._segments.drop_before(new.first)
            return new

    async def flush(self) -> None:
        """Write what is pending now."""
        async with self._lock:
            await self._flush()

    @property
    def stored(self) -> int:
        """Up to which number the store has it."""
        return self._known

    @property
    def _known(self) -> int:
        return self._stored or 0

    async def _catch_up(self, stored: int) -> None:
        """Take the runner's word for what another process wrote; at first look further."""
        if stored > self._known:
            self._segments.others_wrote()
            del self._pending[: stored - self._known]
            self._stored = stored
        if self._stored is None:
            self._stored = 0
            while (last := await self._segments.last_of(self._known + 1)) is not None:
                self._stored = last

    async def _flush(self) -> None:
        while self._pending:
            segment = Segment(self._known + 1, tuple(self._pending))
            last = segment.last
            if not await self._segments.write(segment):
                # Another process took the same batches in, and maybe more or fewer of them.
                last = await self._segments.last_of(segment.first) or last
            del self._pending[: last - self._known]
            self._stored = max(self._known, last)
        self._written_at = monotonic()

    async def _flush_later(self) -> None:
        await asyncio.sleep(_WRITE_SECONDS)
        self._flushing = None
        try:
            await self.flush()
        except PodbookError as error:
            # The runner keeps what is not stored, and sends it again.
            _log.warning("events wait: %s", error)


class Journals:
    """The logs of the attempts that run."""

    def __init__(self, store: Store, tails: Tails) -> None:
        self._store = store
        self._tails = tails
        self._journals: LRUCache[tuple[str, int], Journal] = LRUCache(_REMEMBERED)

    async def take(
        self,
        execution_uid: str,
        attempt: int,
        batch: Segment,
        *,
        stored: int,
        snapshot: bool = False,
        last: bool = False,
    ) -> EventsTaken:
        """Take in a batch; say up to where it is stored, and when the next one is wanted."""
        journal = self._of(execution_uid, attempt)
        tail = self._tails.of(execution_uid, attempt)
        watched = tail is not None or await self._is_watched_elsewhere(execution_uid, attempt)
        # What a run tells last is stored at once: it ends only then.
        held = watched and not last
        new = await journal.take(batch, stored=stored, watched=held, snapshot=snapshot)
        if tail is not None and new.lines:
            tail.push(new)
        if last:
            await self.settle(execution_uid, attempt)
        seconds = _UNWATCHED_SECONDS
        if watched:
            seconds = min(seconds, _WATCHED_SECONDS + _SECONDS_FOR_EACH * len(self._tails))
        return EventsTaken(stored=journal.stored, next_seconds=seconds)

    def log(self, execution_uid: str, attempt: int) -> Segments:
        """Return what the store has of a log."""
        return Segments(self._store, execution_uid, attempt)

    async def settle(self, execution_uid: str, attempt: int) -> None:
        """Write what is pending and let go of it: the run is over."""
        if (journal := self._journals.pop((execution_uid, attempt), None)) is not None:
            await journal.flush()

    def _of(self, execution_uid: str, attempt: int) -> Journal:
        key = (execution_uid, attempt)
        if (journal := self._journals.get(key)) is None:
            journal = Journal(self.log(execution_uid, attempt))
            self._journals[key] = journal
        return journal

    async def _is_watched_elsewhere(self, execution_uid: str, attempt: int) -> bool:
        ago = await self.log(execution_uid, attempt).watched_seconds_ago()
        return ago is not None and ago < 2 * TOLD_SECONDS
