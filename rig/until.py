"""Waits for a condition, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


async def until(look: Callable[[], Any], *, seconds: float = 60, what: str = "it") -> Any:
    """Return the first true answer of `look`, which may be a coroutine function.

    AssertionError with the last answer when none came in time.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        answer = look()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return answer
        assert loop.time() < end, f"{what} did not come true in {seconds} s: {answer!r}"
        await asyncio.sleep(0.01)
