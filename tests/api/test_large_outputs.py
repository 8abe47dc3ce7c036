"""A large output stands in the store once, and is read as it was told, whoever took it in."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from podbook_api.artifacts.store import Store
from podbook_api.events import large
from podbook_api.events.journals import Gap, Journals
from podbook_api.events.segments import Segment, Segments
from podbook_api.events.tails import Tails
from podbook_api.http.problems import Problem
from podbook_api.intake.events import batch_of
from podbook_crds.log.references import LEAST

UID, ATTEMPT = "0b5b3e6e-0000-4000-8000-000000000001", 1
# Quotes and backslashes in every order, and what is no JSON text but as long.
PARTS = st.one_of(
    st.text(st.sampled_from('a"\\,\n\ud83d🙂'), min_size=1, max_size=5).map(lambda t: t * 70_000),
    st.text(st.sampled_from('a"\\'), max_size=3),
    st.just([1] * 40_000),
)


def line(**shown: Any) -> bytes:
    return json.dumps(shown).encode() + b"\n"


def chart(number: int) -> str:
    return f"{number}" * 70_000


@given(st.lists(PARTS, max_size=4))
@settings(max_examples=25, deadline=None)
def test_what_is_read_is_what_was_told(parts: list[Any]) -> None:
    told = line(parts=parts, again=parts)
    short, texts = large.taken_out(7, told, {})

    async def kept(name: str) -> bytes | None:
        return texts.get(name)

    assert asyncio.run(large.put_back(short, kept)) == told
    distinct = {part for part in map(json.dumps, parts) if len(part) >= LEAST and part[0] == '"'}
    assert sorted(text.decode() for text in texts.values()) == sorted(distinct)
    # But for the numbers: what stands in the line is small.
    assert len(short) < 240_001 * (1 + parts.count([1] * 40_000)) + 1000


class Logs:
    """Several API processes that share a store, and a runner that tells any of them."""

    def __init__(self) -> None:
        self.store = Store(MemoryStore())
        self.processes = [Journals(self.store, Tails(self.store)) for _ in range(2)]
        self.stored, self.told = 0, list[bytes]()

    async def tell(self, process: int, *lines: bytes, snapshot: bool = False) -> None:
        batch = Segment(len(self.told) + 1, lines)
        taken = await self.processes[process].take(
            UID, ATTEMPT, batch, stored=self.stored, snapshot=snapshot
        )
        self.told += lines if batch.last > len(self.told) else ()
        self.stored = taken.stored

    async def kept(self) -> dict[str, int]:
        """Return what stands in the store of this log: names and sizes."""
        return {
            stored.path.rpartition("/")[2]: stored.size
            async for stored in self.store.under(f"executions/{UID}")
        }

    async def read(self) -> list[bytes]:
        segments = Segments(self.store, UID, ATTEMPT)
        return b"".join(await segments.contents()).splitlines(keepends=True)


async def test_a_chart_stands_in_the_store_once_and_goes_when_nothing_shows_it() -> None:
    logs = Logs()
    await logs.tell(0, line(type="outputs.spliced", data=chart(1)))
    for _ in range(3):
        await logs.tell(0, line(type="notebook.planned", data=chart(1)), snapshot=True)
    kept = await logs.kept()

    assert sum(size > 1000 for size in kept.values()) == 1
    assert await logs.read() == logs.told[-1:]

    # As it is read by whoever comes to another process, and when the segments are one.
    await logs.tell(0, line(type="cell.finished"))
    await Segments(logs.store, UID, ATTEMPT).join()
    tails = Tails(logs.store)
    with tails.reading(UID, ATTEMPT) as tail:
        assert [told for _, told in await tail.read(4)] == logs.told[3:]

    await logs.tell(0, line(type="notebook.planned"), snapshot=True)
    assert all(size < 1000 for size in (await logs.kept()).values())


async def test_a_line_that_could_name_a_text_is_refused() -> None:
    with pytest.raises(Problem, match="lines of ASCII JSON"):
        await batch_of({"first": "1"}, b'{"a":\0000000000001-0-' + b"0" * 64 + b"\0}\n")


@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 1),
            st.booleans(),
            st.sets(st.integers(0, 2)),
            # Also told to the other one, whose answer came too late.
            st.booleans(),
        ),
        max_size=8,
    )
)
@settings(max_examples=40, deadline=None)
def test_whichever_processes_took_it_in_all_of_it_is_there(
    steps: list[tuple[int, bool, set[int], bool]],
) -> None:
    asyncio.run(_walk(steps))


async def _walk(steps: list[tuple[int, bool, set[int], bool]]) -> None:
    logs = Logs()
    since = 0
    for number, (process, snapshot, shown, twice) in enumerate(steps):
        told = line(number=number, data=[chart(each) for each in sorted(shown)])
        before = len(logs.told)
        await logs.tell(process, told, snapshot=snapshot and number > 0)
        if snapshot and number > 0:
            since = before
        if twice:
            batch = Segment(before + 1, (told,))
            try:
                await logs.processes[1 - process].take(
                    UID, ATTEMPT, batch, stored=before, snapshot=snapshot and number > 0
                )
            except Gap:
                pytest.fail("what is stored is known everywhere")
        assert await logs.read() == logs.told[since:]
