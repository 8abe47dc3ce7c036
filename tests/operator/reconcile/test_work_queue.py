"""The work queue: once each, one at a time each, again where it has to be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from podbook_crds.errors import ClusterUnavailable
from podbook_operator.reconcile.work_queue import KeyedQueue
from rig.until import until


@asynccontextmanager
async def worked(
    queue: KeyedQueue[str], work: Callable[[str], Awaitable[None]], workers: int = 4
) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.run(work, workers=workers))
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_key_that_was_added_often_is_seen_to_once() -> None:
    queue: KeyedQueue[str] = KeyedQueue()
    seen: list[str] = []

    async def work(key: str) -> None:
        seen.append(key)

    for key in ["a", "b", "a", "a"]:
        queue.add(key)
    async with worked(queue, work):
        await until(lambda: len(seen) == 2)

    assert sorted(seen) == ["a", "b"]


async def test_a_key_that_changes_while_it_is_seen_to_is_seen_to_again_afterwards() -> None:
    queue: KeyedQueue[str] = KeyedQueue()
    running, most, calls = 0, 0, 0

    async def work(key: str) -> None:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        if calls == 1:
            queue.add(key)
            queue.add(key)
        await asyncio.sleep(0)
        running -= 1

    queue.add("a")
    async with worked(queue, work):
        await until(lambda: calls == 2 and not running)

    assert most == 1


async def test_a_failing_key_is_tried_again_and_holds_up_no_other() -> None:
    queue: KeyedQueue[str] = KeyedQueue(backoff_seconds=0.01)
    done: list[str] = []
    failures = 0

    async def work(key: str) -> None:
        nonlocal failures
        if key == "bad" and failures < 3:
            failures += 1
            raise ClusterUnavailable("no answer")
        done.append(key)

    queue.add("bad")
    queue.add("good")
    async with worked(queue, work, workers=1):
        await until(lambda: len(done) == 2)

    assert done == ["good", "bad"]
    assert queue.failures("bad") == 0


async def test_a_bug_in_one_pass_does_not_end_the_worker() -> None:
    queue: KeyedQueue[str] = KeyedQueue(backoff_seconds=60)
    done: list[str] = []

    async def work(key: str) -> None:
        if key == "bad":
            raise RuntimeError("a bug")
        done.append(key)

    queue.add("bad")
    queue.add("good")
    async with worked(queue, work, workers=1):
        await until(lambda: done)

    assert queue.failures("bad") == 1


async def test_a_key_that_has_failed_for_days_is_tried_again_and_holds_up_no_other() -> None:
    queue: KeyedQueue[str] = KeyedQueue()
    queue._failures["bad"] = 5000
    done: list[str] = []

    async def work(key: str) -> None:
        if key == "bad":
            raise ClusterUnavailable("no answer")
        done.append(key)

    queue.add("bad")
    queue.add("good")
    async with worked(queue, work, workers=1):
        await until(lambda: done)

    assert queue.failures("bad") == 5001


async def test_the_age_of_the_oldest_tells_of_a_worker_that_hangs() -> None:
    queue: KeyedQueue[str] = KeyedQueue()
    started = asyncio.Event()

    async def work(key: str) -> None:
        started.set()
        await asyncio.Event().wait()

    assert queue.oldest_seconds() == 0
    queue.add("a")
    async with worked(queue, work):
        await started.wait()
        await until(lambda: queue.oldest_seconds() > 0.01)
