"""Deadlines: each key is seen to again at its moment, if nothing else happens before."""

import asyncio
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

# The loop's own clock stops while a machine sleeps: far deadlines are looked at again on the way.
_AT_MOST_SECONDS: Final = 600.0
# A deadline that has just passed by the server's clock may not have by ours.
_AT_LEAST_SECONDS: Final = 0.01


class Timers(Generic[K]):
    """One moment per key; setting another replaces it."""

    def __init__(self, due: Callable[[K], None], now: Callable[[], datetime]) -> None:
        self._due = due
        self._now = now
        self._handles: dict[K, asyncio.TimerHandle] = {}

    def set(self, key: K, moment: datetime | None) -> None:
        """Call due(key) at the moment; None forgets the key."""
        if (handle := self._handles.pop(key, None)) is not None:
            handle.cancel()
        if moment is None:
            return
        seconds = (moment - self._now()) / timedelta(seconds=1)
        seconds = min(max(seconds, _AT_LEAST_SECONDS), _AT_MOST_SECONDS)
        loop = asyncio.get_running_loop()
        self._handles[key] = loop.call_later(seconds, self._fire, key)

    def __len__(self) -> int:
        return len(self._handles)

    def _fire(self, key: K) -> None:
        self._handles.pop(key, None)
        self._due(key)
