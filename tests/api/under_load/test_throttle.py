"""Calls wait for their turn at the API server, and are told a time where that takes too long."""

import asyncio

import pytest

from podbook_api.state.throttle import Throttle
from podbook_crds.errors import ClusterBusy
from podbook_kube.objects import Object

OK: Object = {"kind": "Status"}


def busy(retry_after_seconds: int = 0) -> ClusterBusy:
    return ClusterBusy("too many requests", retry_after_seconds=retry_after_seconds)


async def test_no_more_are_sent_at_once_than_there_is_room_for() -> None:
    throttle, open_now, most = Throttle(at_once=3), 0, 0

    async def ask() -> Object:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0)
        open_now -= 1
        return OK

    answers = await asyncio.gather(*(throttle.answered(ask) for _ in range(100)))

    assert answers == [OK] * 100
    assert most == 3


@pytest.mark.parametrize("replies", [[busy()], [busy(), busy(), busy(1)]])
async def test_a_server_that_is_busy_is_asked_again(replies: list[ClusterBusy]) -> None:
    left = list(replies)

    async def ask() -> Object:
        if left:
            raise left.pop(0)
        return OK

    assert await Throttle().answered(ask) == OK
    assert left == []


async def test_who_waited_in_vain_is_told_when_to_come_back() -> None:
    asked = 0

    async def ask() -> Object:
        nonlocal asked
        asked += 1
        raise busy(7)

    with pytest.raises(ClusterBusy, match="too much to do") as refused:
        await Throttle(patience_seconds=1).answered(ask)

    assert asked == 1
    assert 7 <= refused.value.retry_after_seconds <= 11


async def test_the_time_grows_with_those_that_wait() -> None:
    throttle, release = Throttle(at_once=1, patience_seconds=0.05), asyncio.Event()

    async def never() -> Object:
        await release.wait()
        return OK

    first = asyncio.create_task(throttle.answered(never))
    await asyncio.sleep(0)
    refused = await asyncio.gather(
        *(throttle.answered(never) for _ in range(200)), return_exceptions=True
    )
    release.set()

    assert await first == OK
    times = [error.retry_after_seconds for error in refused if isinstance(error, ClusterBusy)]
    assert len(times) == 200
    assert max(times) > 1
