"""A log is the same whoever takes its batches in, however often, and whoever reads it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from podbook_api.artifacts.store import Store
from podbook_api.events.journals import Gap
from podbook_api.events.segments import Segment, Segments
from tests.support import replicas
from tests.support.replicas import ATTEMPT, UID


def line(number: int) -> bytes:
    return b'{"type":"n","n":%d}\n' % number


def batch(first: int, last: int) -> Segment:
    return Segment(first, tuple(line(number) for number in range(first, last + 1)))


class Replica(replicas.Replica):
    """One API process, whose readers see that each line is under its own number."""

    async def read(self, after: int = 0) -> list[int]:
        """Return the numbers of what a reader who comes now is shown at once."""
        lines = await self.lines(after)
        assert all(told == line(number) for number, told in lines)
        return [number for number, _ in lines]


@pytest.fixture
def store() -> Store:
    return Store(MemoryStore())


async def test_what_was_taken_in_is_stored_and_read_everywhere(store: Store) -> None:
    one, other = Replica(store), Replica(store)

    taken = await one.take(batch(1, 3))
    await one.take(batch(4, 4), stored=3)

    assert (taken.stored, taken.next_seconds) == (3, 5.0)
    assert await one.read() == await other.read() == [1, 2, 3, 4]
    assert await other.read(after=2) == [3, 4]


async def test_the_same_batch_again_changes_nothing(store: Store) -> None:
    one, other = Replica(store), Replica(store)
    await one.take(batch(1, 2))

    again = await other.take(batch(1, 2))
    more = await other.take(batch(1, 3))

    assert (again.stored, more.stored) == (2, 3)
    assert await one.read() == [1, 2, 3]


async def test_a_batch_that_follows_nothing_known_is_asked_for_from_there(store: Store) -> None:
    with pytest.raises(Gap) as gap:
        await Replica(store).take(batch(3, 4), stored=0)

    assert gap.value.expected == 1


async def test_while_somebody_watches_more_is_wanted_sooner_and_written_once_a_second(
    store: Store,
) -> None:
    replica = Replica(store)
    with replica.tails.reading(UID, ATTEMPT) as tail:
        first = await replica.take(batch(1, 1))
        second = await replica.take(batch(2, 2), stored=1)
        shown = [number for number, _ in await tail.read(1)]

        assert (first.stored, second.stored) == (1, 1)
        assert second.next_seconds < 0.3
        assert shown == [1, 2]
    await replica.journals.settle(UID, ATTEMPT)
    assert await Segments(store, UID, ATTEMPT).firsts() == [1, 2]


async def test_lines_that_come_just_before_a_reader_waits_wake_it_at_once(store: Store) -> None:
    replica = Replica(store)
    with replica.tails.reading(UID, ATTEMPT) as tail:
        before = tail.grew
        await replica.take(batch(1, 1))
        async with asyncio.timeout(20):
            await tail.grown(60, since=before)


async def test_a_reader_elsewhere_lets_the_writer_know_and_sees_what_comes(store: Store) -> None:
    writer, reader = Replica(store), Replica(store)
    await writer.take(batch(1, 1))
    with reader.tails.reading(UID, ATTEMPT) as tail:
        assert [number for number, _ in await tail.read(1)] == [1]
        async with asyncio.timeout(20):
            while await Segments(store, UID, ATTEMPT).watched_seconds_ago() is None:
                await tail.grown(0.1)
            taken = await writer.take(batch(2, 2), stored=1)
            while not (lines := await tail.read(2)):
                await tail.grown(0.1)

    assert taken.next_seconds < 0.3
    assert lines == [(2, line(2))]


async def test_a_snapshot_takes_the_place_of_all_before_it(store: Store) -> None:
    replica = Replica(store)
    await replica.take(batch(1, 50))
    await replica.take(batch(51, 52), stored=50, snapshot=True)
    await replica.take(batch(53, 53), stored=52)

    assert await Segments(store, UID, ATTEMPT).firsts() == [51, 53]
    assert await Replica(store).read() == [51, 52, 53]
    assert await Replica(store).read(after=10) == [51, 52, 53]


async def test_segments_become_one_and_readers_amid_them_go_on(store: Store) -> None:
    replica = Replica(store)
    for first, last in itertools.pairwise([1, 4, 5, 9]):
        await replica.take(batch(first, last - 1), stored=first - 1)
    segments = Segments(store, UID, ATTEMPT)

    others = await segments.join()
    # Each replica that sees the end joins them.
    assert await Segments(store, UID, ATTEMPT).join() == others
    assert b"".join(await segments.contents()) == b"".join(map(line, range(1, 9)))
    assert await Replica(store).read() == list(range(1, 9))
    assert await Replica(store).read(after=4) == [5, 6, 7, 8]
    await segments.drop(others)

    assert await segments.firsts() == [1]
    assert await Replica(store).read(after=4) == [5, 6, 7, 8]
    assert await Replica(store).read() == list(range(1, 9))


async def test_a_store_that_fails_loses_nothing_that_is_sent_again(tmp_path: Path) -> None:
    store = Store.open(tmp_path.as_uri())
    replica = Replica(store)
    await replica.take(batch(1, 1))
    folder = tmp_path / "executions" / UID / ".log"
    folder.rename(tmp_path / "away")
    folder.write_text("no folder")
    with pytest.raises(Exception, match="artifact store"):
        await replica.take(batch(2, 3), stored=1)
    folder.unlink()
    (tmp_path / "away").rename(folder)

    taken = await replica.take(batch(2, 3), stored=1)

    assert taken.stored == 3
    assert await Replica(store).read() == [1, 2, 3]


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8),
    choices=st.lists(st.integers(0, 2), min_size=30, max_size=30),
    repeats=st.lists(st.integers(0, 3), min_size=30, max_size=30),
    watched=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_batches_over_several_replicas_retried_and_late_are_one_log(
    sizes: list[int], choices: list[int], repeats: list[int], watched: bool
) -> None:
    asyncio.run(_told(sizes, iter(choices), iter(repeats), watched=watched))


async def _told(
    sizes: list[int], choices: "AsyncIterator[int] | object", repeats: object, *, watched: bool
) -> None:
    """Send frozen batches as a runner does: kept until they are stored, from a gap on again."""
    store = Store(MemoryStore())
    all_of_them = [Replica(store) for _ in range(3)]
    choice, again = iter(choices), iter(repeats)  # type: ignore[call-overload]
    frozen: list[Segment] = []
    stored, last = 0, 0
    with all_of_them[0].tails.reading(UID, ATTEMPT) if watched else _nobody():
        for size in sizes:
            frozen.append(batch(last + 1, last + size))
            last += size
            stored = await _send(frozen, all_of_them[next(choice)], stored)
            for _ in range(next(again)):
                # An answer that was lost: the same bytes go to whoever is there now.
                await _send(frozen, all_of_them[next(choice, 0)], stored)
            frozen = [kept for kept in frozen if kept.last > stored]
        for replica in all_of_them:
            await replica.journals.settle(UID, ATTEMPT)
    assert await Replica(store).read() == list(range(1, last + 1))


async def _send(frozen: list[Segment], replica: Replica, stored: int) -> int:
    place = len(frozen) - 1
    while place < len(frozen):
        try:
            taken = await replica.take(frozen[place], stored=stored)
            stored = max(stored, taken.stored)
            place += 1
        except Gap as gap:
            place = next(i for i, kept in enumerate(frozen) if kept.last >= gap.expected)
    return stored


class _nobody:  # noqa: N801
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
