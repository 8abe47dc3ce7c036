"""The end of each log that somebody follows here: kept in memory once, for all who read it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from itertools import islice
from time import monotonic
from typing import Any, Final

from podbook_api.artifacts.store import Store
from podbook_api.events.segments import Segment, Segments
from podbook_crds.errors import PodbookError

Line = tuple[int, bytes]

# What is kept for readers who are a little behind; others read the store.
_WINDOW_BYTES: Final = 1024 * 1024
_LOOK_SECONDS: Final = 0.5
# As long as somebody reads, the writer elsewhere is told so, more often than it forgets it.
TOLD_SECONDS: Final = 30.0


class Tail:
    """The newest lines of one attempt's log."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._lines: deque[Line] = deque()
        self._bytes = 0
        self._next = 1
        # Set when there are more lines than when it was looked at; another one takes its place.
        self.grew = asyncio.Event()
        self.readers = 0
        self.looking: asyncio.Task[None] | None = None
        # When lines came from a runner that tells this very process.
        self._heard_at = 0.0

    def push(self, segment: Segment) -> None:
        """Take in lines that follow those which are known; others are left to the store."""
        self._heard_at = monotonic()
        self._take(segment)

    async def read(self, number: int, *, to_the_end: bool = False) -> list[Line]:
        """Return lines from that number on as far as they are at hand; none where none is there.

        To the end: the store is asked even where all is known that reached this process. After a
        snapshot the lines may begin later: with everything, told again.
        """
        if self._lines and self._lines[0][0] <= number < self._next:
            return list(islice(self._lines, number - self._lines[0][0], None))
        if self._lines and number >= self._next and not to_the_end:
            return []
        segment = await self._segments.holding(number)
        if segment is None:
            return []
        if segment.last >= self._next:
            self._take(segment)
        return segment.since(number)

    async def is_empty(self) -> bool:
        """Tell whether nothing of this log was ever told."""
        return not self._lines and not await self._segments.firsts()

    async def last(self) -> int:
        """Return the number of the last line that is stored or known here; 0 for none."""
        return max(self._next - 1, await self._segments.last())

    async def grown(
        self,
        seconds: float,
        *,
        since: asyncio.Event | None = None,
        or_sooner: asyncio.Future[None] | None = None,
    ) -> None:
        """Return when there are more lines, the other is done, or the time is over.

        Since: what `grew` was before the last reading, so that nothing falls between the two.
        """
        grew = asyncio.ensure_future((since or self.grew).wait())
        either: set[asyncio.Future[Any]] = {grew} if or_sooner is None else {grew, or_sooner}
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            grew.cancel()

    async def run(self) -> None:
        """Look in the store for what another process takes in; until cancelled."""
        told_at = -TOLD_SECONDS
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if monotonic() - self._heard_at < 2 * _LOOK_SECONDS:
                continue
            with contextlib.suppress(PodbookError):
                if monotonic() - told_at >= TOLD_SECONDS:
                    await self._segments.watch()
                    told_at = monotonic()
                if (segment := await self._segments.at(self._next)) is not None:
                    self._take(segment)

    def _take(self, segment: Segment) -> None:
        if segment.first > self._next:
            self._lines.clear()
            self._bytes, self._next = 0, segment.first
        for number, line in segment.since(self._next):
            self._lines.append((number, line))
            self._bytes += len(line)
            self._next = number + 1
        while self._bytes > _WINDOW_BYTES and len(self._lines) > 1:
            self._bytes -= len(self._lines.popleft()[1])
        grew, self.grew = self.grew, asyncio.Event()
        grew.set()


class Tails:
    """The logs that are followed in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tails: dict[tuple[str, int], Tail] = {}

    def of(self, execution_uid: str, attempt: int) -> Tail | None:
        """Return the tail of a log that somebody reads here."""
        return self._tails.get((execution_uid, attempt))

    def __len__(self) -> int:
        """How many logs are followed here."""
        return len(self._tails)

    @contextlib.contextmanager
    def reading(self, execution_uid: str, attempt: int) -> Iterator[Tail]:
        """Be one of those who read a log."""
        key = (execution_uid, attempt)
        if (tail := self._tails.get(key)) is None:
            tail = self._tails[key] = Tail(Segments(self._store, execution_uid, attempt))
            tail.looking = asyncio.create_task(tail.run())
        tail.readers += 1
        try:
            yield tail
        finally:
            tail.readers -= 1
            if not tail.readers:
                del self._tails[key]
                if tail.looking is not None:
                    tail.looking.cancel()
