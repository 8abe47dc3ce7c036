"""The log of one attempt in the artifact store: segments of numbered lines, each written once.

A segment is called after the number of its first event. Whoever has read up to one number knows
what the next segment is called, and never has to list while a run goes on.
"""

from dataclasses import dataclass
from typing import Final

from podbook_api.artifacts.store import LOG, Store, artifact_path
from podbook_api.events import large, lines

_WATCHED: Final = "watched"
_LARGE: Final = "large"


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
        # The large texts that may be named instead of written again, by digest: those that this
        # process wrote since the last snapshot, or that are named in it.
        self._large: dict[str, str] = {}

    async def write(self, segment: Segment) -> bool:
        """Write a segment; return False where one of that name is there, which stays as it is."""
        known = dict(self._large)
        short, texts = await large.all_taken_out(segment.since(segment.first), known)
        for name, text in texts.items():
            await self._store.put(self._path_of_large(name), text)
        if not await self._store.create(self._path(segment.first), b"".join(short)):
            self.others_wrote()
            return False
        self._large = known
        return True

    def others_wrote(self) -> None:
        """Name no text any more that was kept before: another process may have let it go."""
        self._large.clear()

    async def at(self, first: int) -> Segment | None:
        """Return the segment that begins with that number, or None where there is none yet."""
        data = await self._store.get(self._path(first))
        whole = await self._whole(data) if data else None
        return None if whole is None else Segment(first, await lines.split(whole))

    async def last_of(self, first: int) -> int | None:
        """Return the last number of the segment that begins with one; None where there is none."""
        data = await self._store.get(self._path(first))
        return first + data.count(b"\n") - 1 if data else None

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

    async def last(self) -> int:
        """Return the number of the last line that is stored; 0 where there is none."""
        firsts = await self.firsts()
        return (await self.last_of(firsts[-1]) or 0) if firsts else 0

    async def bare(self, first: int) -> bytes:
        """Return the bytes of a segment with names for its large texts; none where it is gone."""
        return await self._store.get(self._path(first)) or b""

    async def contents(self) -> list[bytes]:
        """Return the bytes of all segments, in order; they follow each other."""
        _, _, found = await self._in_order()
        whole = [await self._whole(data) for data in found if data]
        return [data for data in whole if data]

    async def _in_order(self) -> tuple[list[int], list[int], list[bytes]]:
        """Return which segments are void, what the others begin with, and what each adds.

        Once they are joined, the first one holds what others hold as well, until these go. Void
        is what a snapshot took the place of, where it was taken in once more after that.
        """
        void: list[int] = []
        firsts: list[int] = []
        parts: list[bytes] = []
        following = 0
        for first in await self.firsts():
            data = await self._store.get(self._path(first))
            if data is None:
                return await self._in_order()  # It went since they were listed.
            if firsts and first > following:
                void += firsts
                firsts, parts = [], []
            known = max(0, following - first)
            following = max(following, first + data.count(b"\n"))
            firsts.append(first)
            parts.append(data.split(b"\n", known)[-1] if known else data)
        return void, firsts, parts

    async def drop(self, firsts: list[int]) -> None:
        """Delete segments; those that are gone are fine."""
        await self._store.delete([self._path(first) for first in firsts])

    async def drop_before(self, snapshot: int) -> None:
        """Delete what is older than the snapshot of that number, and not named in it."""
        paths = [stored.path async for stored in self._store.under(self._folder)]
        # As it was written, maybe by another process: what that one named stays.
        named = large.names_in(await self._store.get(self._path(snapshot)) or b"")
        self._large = {large.digest_of(name): name for name in named}
        names = [path.rpartition("/")[2] for path in paths]
        await self._store.delete(
            [
                path
                for path, name in zip(paths, names, strict=True)
                if (name.isdecimal() and int(name) < snapshot)
                or (_is_large(path) and large.number_of(name) < snapshot and name not in named)
            ]
        )

    async def large_texts(self, digests: set[str]) -> dict[str, bytes]:
        """Return those of these texts that are kept beside the log, by their digests."""
        prefix, found = f"{self._folder}/{_LARGE}", dict[str, bytes]()
        async for stored in self._store.under(prefix):
            digest = large.digest_of(stored.path)
            if digest not in digests or digest in found:
                continue
            if (text := await self._store.get(stored.path)) is not None:
                found[digest] = text
        return found

    async def join(self) -> list[int]:
        """Write all lines into the first segment; return what the others are called.

        They go a while after: a reader may be just behind them. Whoever joins writes the same.
        """
        void, firsts, parts = await self._in_order()
        if any(parts[1:]):
            await self._store.put(self._path(firsts[0]), b"".join(parts))
        return [*void, *firsts[1:]]

    async def watch(self) -> None:
        """Let whoever writes the log know that somebody reads it elsewhere."""
        await self._store.put(f"{self._folder}/{_WATCHED}", b"")

    async def watched_seconds_ago(self) -> float | None:
        """Return how long ago somebody read it elsewhere, or None where nobody ever did."""
        return await self._store.age(f"{self._folder}/{_WATCHED}")

    async def _whole(self, data: bytes) -> bytes | None:
        async def read(name: str) -> bytes | None:
            return await self._store.get(self._path_of_large(name))

        return await large.put_back(data, read)

    def _path(self, first: int) -> str:
        return f"{self._folder}/{first:012}"

    def _path_of_large(self, name: str) -> str:
        return f"{self._folder}/{_LARGE}/{name}"


def _is_large(path: str) -> bool:
    return path.split("/")[-2] == _LARGE
