"""The log of one attempt in the artifact store: segments of numbered lines, each written once.

A segment is called after the number of its first event. Whoever has read up to one number knows
what the next segment is called, and never has to list while a run goes on.
"""

from dataclasses import dataclass
from typing import Final

from podbook_api.artifacts.store import LOG, Store, artifact_path

_WATCHED: Final = "watched"


@dataclass(frozen=True, slots=True)
class Segment:
    """Lines of JSON, each ending in a newline, numbered from `first` without a gap."""

    first: int
    lines: tuple[bytes, ...]

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.lines) - 1

    def since(self, number: int) -> list[tuple[int, bytes]]:
        """Return the lines from that number on, each with its own."""
        skipped = max(0, number - self.first)
        return list(enumerate(self.lines[skipped:], start=self.first + skipped))


class Segments:
    """What the store has of one attempt's log."""

    def __init__(self, store: Store, execution_uid: str, attempt: int) -> None:
        self._store = store
        self._folder = artifact_path(execution_uid, f"{LOG}/{attempt}")

    async def write(self, segment: Segment) -> bool:
        """Write a segment; return False where one of that name is there, which stays as it is."""
        return await self._store.create(self._path(segment.first), b"".join(segment.lines))

    async def at(self, first: int) -> Segment | None:
        """Return the segment that begins with that number, or None where there is none yet."""
        data = await self._store.get(self._path(first))
        return Segment(first, tuple(data.splitlines(keepends=True))) if data else None

    async def holding(self, number: int) -> Segment | None:
        """Return the segment that holds that number, else the first after it; None for none.

        A snapshot has taken the place of all that came before it: there the next one is older
        than what is asked for, and says everything again.
        """
        if (found := await self.at(number)) is not None:
            return found
        firsts = await self.firsts()
        before = [first for first in firsts if first <= number]
        if before:
            found = await self.at(before[-1])
            if found is not None and found.last >= number:
                return found
        after = [first for first in firsts if first > number]
        return await self.at(after[0]) if after else None

    async def firsts(self) -> list[int]:
        """Return the numbers that segments begin with, in order."""
        names = [stored.path.rpartition("/")[2] async for stored in self._store.under(self._folder)]
        return sorted(int(name) for name in names if name.isdecimal())

    async def contents(self) -> list[bytes]:
        """Return the bytes of all segments, in order; they follow each other."""
        found = [await self._store.get(self._path(first)) for first in await self.firsts()]
        return [data for data in found if data]

    async def drop(self, firsts: list[int]) -> None:
        """Delete segments; those that are gone are fine."""
        await self._store.delete([self._path(first) for first in firsts])

    async def join(self) -> list[int]:
        """Write all lines into the first segment; return what the others are called.

        They go a while after: a reader may be just behind them. Whoever joins writes the same.
        """
        firsts = await self.firsts()
        segments = [segment for first in firsts if (segment := await self.at(first)) is not None]
        if len(segments) > 1:
            lines = [line for segment in segments for line in segment.lines]
            await self._store.put(self._path(segments[0].first), b"".join(lines))
        return firsts[1:]

    async def watch(self) -> None:
        """Let whoever writes the log know that somebody reads it elsewhere."""
        await self._store.put(f"{self._folder}/{_WATCHED}", b"")

    async def watched_seconds_ago(self) -> float | None:
        """Return how long ago somebody read it elsewhere, or None where nobody ever did."""
        return await self._store.age(f"{self._folder}/{_WATCHED}")

    def _path(self, first: int) -> str:
        return f"{self._folder}/{first:012}"
