"""A request's body is read whole, or not waited for any longer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from podbook_api.http import bodies
from podbook_api.http.problems import Problem


def arriving(receive: Callable[[], Awaitable[dict[str, Any]]]) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SILENCE_SECONDS", 0.01)
    came = [{"type": "http.request", "body": b'{"a', "more_body": True}]

    async def receive() -> dict[str, Any]:
        if came:
            return came.pop()
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(Problem) as raised:
        await bodies.read(arriving(receive), limit=100)

    assert (raised.value.status, raised.value.kind) == (408, "incomplete")
    assert raised.value.headers == {"Connection": "close"}
    assert "only 3 bytes" in raised.value.detail


async def test_a_body_that_trickles_is_not_waited_for_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "_SLOWEST", 1e12)
    end = asyncio.get_running_loop().time() + 60
    monkeypatch.setattr(bodies, "_SILENCE_SECONDS", 0.05)

    async def receive() -> dict[str, Any]:
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b" ", "more_body": True}

    with pytest.raises(Problem) as raised:
        await bodies.read(arriving(receive), limit=10**9)

    assert raised.value.status == 408


async def test_a_body_in_many_parts_is_read_as_one() -> None:
    parts = [b"a", b"", b"bc", b"d"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    assert await bodies.read(arriving(receive), limit=4) == b"abcd"
