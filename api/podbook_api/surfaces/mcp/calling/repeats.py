"""Tells a call that is sent again from one that is meant anew.

A client that gave up, or lost the answer, sends its call once more: that one meets the run which
the first began. Once the answer was delivered the same call means another run: it would else be
given an old random draw for a new one.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from cachetools import FIFOCache

_REMEMBERED: Final = 4096

# Who calls, which notebook, with what.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """The execution that a call came to; it was there before where another replica had made it."""

    execution: str
    was_there: bool = False


@dataclass(eq=False)
class Call:
    """One call and its repetitions: the execution that it makes, and whether that was answered."""

    making: asyncio.Task[Made]
    waiting: int = 0
    ended: float = 0.0
    is_answered: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether no execution came of it."""
        done = self.making.done()
        return done and (self.making.cancelled() or self.making.exception() is not None)


class Repeats:
    """The calls of the last minute."""

    def __init__(self, seconds: float, *, now: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._calls: FIFOCache[Key, Call] = FIFOCache(_REMEMBERED)

    def met(self, key: Key) -> Call | None:
        """Return the call that this one repeats, if it is one that still wants its answer."""
        call = self._calls.get(key)
        if call is None or call.has_failed or call.is_answered:
            return None
        is_old = not call.waiting and self._now() - call.ended > self._seconds
        return None if is_old else call

    def begin(self, key: Key, make: Coroutine[Any, Any, Made]) -> Call:
        """Return a new call, which makes its execution whoever goes away meanwhile."""
        call = Call(asyncio.create_task(make))
        call.making.add_done_callback(_seen)
        self._calls[key] = call
        return call

    @contextlib.contextmanager
    def waiting(self, call: Call) -> Iterator[None]:
        """Count who waits for the length of a `with` block."""
        call.waiting += 1
        try:
            yield
        finally:
            call.waiting -= 1
            call.ended = self._now()

    def answered(self, execution: str) -> None:
        """Take in that a client was told how this execution ended."""
        for call in self._calls.values():
            if (
                call.making.done()
                and not call.has_failed
                and call.making.result().execution == execution
            ):
                call.is_answered = True


def _seen(task: asyncio.Task[Made]) -> None:
    # Whoever waited was told, or has gone: it is no news for the log.
    if not task.cancelled():
        task.exception()
