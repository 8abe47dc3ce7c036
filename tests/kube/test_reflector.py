"""The cache knows what a list and a watch say, whatever the order it hears it in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.answers import Expired
from podbook_kube.reflector import Reflector

Resource = dict[str, Any]


def thing(name: str, version: int, uid: str = "first", **metadata: str) -> Resource:
    known = {"name": name, "resourceVersion": str(version), "uid": f"{name}-{uid}"}
    return {"metadata": {**known, **metadata}}


class Scripted:
    """A cluster that answers lists and watches as the test wrote them; then it is silent."""

    def __init__(self, lists: list[Any], watches: list[Any]) -> None:
        self.lists = lists
        self.watches = watches
        self.watched_from: list[str] = []
        self.written = "0"

    async def pages(self, _: str) -> AsyncIterator[tuple[list[Resource], str]]:
        answer = self.lists.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield answer

    async def watch(self, _: str, version: str) -> AsyncIterator[Resource]:
        self.watched_from.append(version)
        for event in self.watches.pop(0) if self.watches else ["silence"]:
            if event == "silence":
                await asyncio.Event().wait()
            if isinstance(event, Exception):
                raise event
            yield {"type": event[0], "object": event[1]}

    async def version(self) -> str:
        return self.written


class Seen:
    """A cache on such a cluster, and everything that it told of."""

    def __init__(self, source: Scripted) -> None:
        self.told: list[str] = []
        self.source = source
        self.cache = Reflector(source, "things", present=self._present, absent=self._absent)

    def _present(self, resource: Resource) -> None:
        metadata = resource["metadata"]
        if metadata["name"] == "unreadable":
            raise KeyError("spec")
        self.told.append(f"{metadata['name']}@{metadata['resourceVersion']}")

    def _absent(self, name: str) -> None:
        self.told.append(f"-{name}")

    async def until_silent(self) -> list[str]:
        """Run it until everything that was written for it has been used; return what it told."""
        task = asyncio.create_task(self.cache.run())
        async with asyncio.timeout(10):
            while self.source.lists or self.source.watches or not self.cache.ready.is_set():
                await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        return self.told


@pytest.mark.parametrize(
    ("lists", "watches", "told"),
    [
        pytest.param(
            [([thing("a", 1)], "5")],
            [[("ADDED", thing("b", 6)), ("DELETED", thing("a", 7)), "silence"]],
            ["a@1", "b@6", "-a"],
            id="a list, then its watch",
        ),
        pytest.param(
            [([thing("a", 1)], "5")],
            [[("MODIFIED", thing("a", 6))], [("MODIFIED", thing("a", 7)), "silence"]],
            ["a@1", "a@6", "a@7"],
            id="a watch that ended is resumed",
        ),
        pytest.param(
            [([thing("a", 1), thing("b", 2)], "5"), ([thing("b", 2), thing("c", 8)], "9")],
            [[Expired("too old")], ["silence"]],
            ["a@1", "b@2", "c@8", "-a"],
            id="after a gap the list tells what is gone",
        ),
        pytest.param(
            [ClusterUnavailable("away"), ([thing("a", 1)], "5")],
            [["silence"]],
            ["a@1"],
            id="a list that failed is asked for again",
        ),
        pytest.param(
            [([thing("a", 6)], "6")],
            [[("ADDED", thing("a", 4)), ("MODIFIED", thing("a", 6)), "silence"]],
            ["a@6"],
            id="old news and doubled news are none",
        ),
        pytest.param(
            [([], "5")],
            [[("DELETED", thing("a", 7)), ("MODIFIED", thing("a", 6)), "silence"]],
            [],
            id="what was deleted is not brought back by what came before",
        ),
        pytest.param(
            [([thing("a", 5)], "5")],
            [[("DELETED", thing("a", 7)), ("ADDED", thing("a", 8, "second")), "silence"]],
            ["a@5", "-a", "a@8"],
            id="what is made again under the name of what was deleted is there",
        ),
        pytest.param(
            [([thing("a", 8, "second")], "8")],
            [[("DELETED", thing("a", 7)), "silence"]],
            ["a@8"],
            id="the deletion of its predecessor takes nothing away",
        ),
        pytest.param(
            [([thing("a", 5)], "5")],
            [[("MODIFIED", thing("a", 6, deletionTimestamp="2026-01-01T00:00:00Z")), "silence"]],
            ["a@5", "-a"],
            id="what only a finalizer keeps is gone",
        ),
        pytest.param(
            [([thing("unreadable", 1), thing("a", 2)], "5")],
            [["silence"]],
            ["a@2"],
            id="what cannot be read does not hide the others",
        ),
    ],
)
async def test_what_is_told(lists: list[Any], watches: list[Any], told: list[str]) -> None:
    assert await Seen(Scripted(lists, watches)).until_silent() == told


async def test_a_resumed_watch_begins_where_the_last_one_ended() -> None:
    bookmark = ("BOOKMARK", thing("", 9))
    source = Scripted([([], "5")], [[("ADDED", thing("a", 7)), bookmark], ["silence"]])

    await Seen(source).until_silent()

    assert source.watched_from == ["5", "9"]


async def test_an_own_write_is_known_before_its_event_and_told_once() -> None:
    seen = Seen(Scripted([([], "5")], [[("ADDED", thing("a", 6)), "silence"]]))
    seen.cache.put(thing("a", 6))

    assert await seen.until_silent() == ["a@6"]


async def test_what_this_process_deleted_is_not_brought_back_by_any_write_before() -> None:
    seen = Seen(Scripted([([thing("a", 5)], "5")], [[("MODIFIED", thing("a", 8)), "silence"]]))
    seen.cache.put(thing("a", 7))
    # It was read at 5 for the deletion: what was written since is known to the watch alone.
    seen.cache.forget(thing("a", 5))

    assert await seen.until_silent() == ["a@7", "-a"]


async def test_what_was_made_while_the_list_was_on_its_way_is_not_gone() -> None:
    seen = Seen(Scripted([([], "5"), ([], "6")], [[Expired("too old")], ["silence"]]))
    seen.cache.put(thing("mine", 7))

    assert await seen.until_silent() == ["mine@7"]


async def test_catching_up_waits_for_the_event_and_not_for_other_resources() -> None:
    source = Scripted([([], "5")], [[("ADDED", thing("a", 7)), "silence"]])
    seen = Seen(source)
    task = asyncio.create_task(seen.cache.run())
    await seen.cache.ready.wait()

    source.written = "7"
    await seen.cache.caught_up()
    assert seen.told == ["a@7"]

    source.written = "9"  # A write to something else: no event comes.
    async with asyncio.timeout(5):
        await seen.cache.caught_up()
        await seen.cache.caught_up()
    task.cancel()
