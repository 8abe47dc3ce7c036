"""Waits for a condition, with a deadline."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

ON_A_NODE = bool(os.environ.get("PODBOOK_TEST_KUBECONFIG"))

# A real node is slower by the start of two containers, and shared by all that a suite starts.
PATIENCE_SECONDS = 300.0 if ON_A_NODE else 100.0
_SHORTEST_PAUSE = 0.01
_LONGEST_PAUSE = 0.1

T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """Return the first true answer of look; AssertionError after a while."""
    began = asked = time.monotonic()
    while not (answer := look()):
        now = time.monotonic()
        assert now < began + seconds, f"{what} did not come true in {seconds} s"
        time.sleep(pause(waited=now - began, looked=now - asked))
        asked = time.monotonic()
    return answer


async def until(look: Callable[[], Any], *, seconds: float = 60, what: str = "it") -> Any:
    """Return the first true answer of `look`, which may be a coroutine function.

    AssertionError with the last answer when none came in time.
    """
    began = asked = time.monotonic()
    while True:
        answer = look()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return answer
        now = time.monotonic()
        assert now < began + seconds, f"{what} did not come true in {seconds} s: {answer!r}"
        await asyncio.sleep(pause(waited=now - began, looked=now - asked))
        asked = time.monotonic()


def pause(*, waited: float, looked: float) -> float:
    """Return how long to rest before the next look: a look takes time from what it waits for."""
    return max(_SHORTEST_PAUSE, looked, min(_LONGEST_PAUSE, waited / 20))
