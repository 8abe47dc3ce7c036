"""A queue of keys: each is worked on by one worker at a time, and again if it changed meanwhile."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Final, Generic, TypeVar

from podbook_crds.backoff import pause
from podbook_crds.errors import PodbookError

K = TypeVar("K", bound=Hashable)

log = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS: Final = 0.2
BACKOFF_LIMIT_SECONDS: Final = 60.0


class KeyedQueue(Generic[K]):
    """Keys that wait to be seen to; one that could not be is tried again, later and later."""

    def __init__(self, *, backoff_seconds: float = FIRST_BACKOFF_SECONDS) -> None:
        self._first_backoff = backoff_seconds
        self._waiting: deque[K] = deque()
        self._added: dict[K, float] = {}
        self._busy: dict[K, float] = {}
        self._dirty: set[K] = set()
        self._failures: dict[K, int] = {}
        self._wakened = asyncio.Event()
        self._later: dict[K, asyncio.TimerHandle] = {}

    def add(self, key: K) -> None:
        """See to the key as soon as a worker is free; once, however often it is added."""
        if key in self._busy:
            self._dirty.add(key)
        elif key not in self._added:
            self._added[key] = monotonic()
            self._waiting.append(key)
            self._wakened.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def oldest_seconds(self) -> float:
        """Return how long the key that has waited or been worked on longest has done so.

        From any thread.
        """
        starts = [*self._busy.values(), *self._added.values()]
        return monotonic() - min(starts) if starts else 0.0

    def failures(self, key: K) -> int:
        """Return how many calls for the key have failed in a row."""
        return self._failures.get(key, 0)

    async def run(self, work: Callable[[K], Awaitable[None]], *, workers: int) -> None:
        """Call work(key) for every key, until cancelled; a call that raises is made again."""
        await asyncio.gather(*(self._worker(work) for _ in range(workers)))

    async def _worker(self, work: Callable[[K], Awaitable[None]]) -> None:
        while True:
            while not self._waiting:
                self._wakened.clear()
                await self._wakened.wait()
            key = self._waiting.popleft()
            del self._added[key]
            self._busy[key] = monotonic()
            try:
                await self._once(work, key)
            finally:
                del self._busy[key]
            if key in self._dirty:
                self._dirty.discard(key)
                self.add(key)

    async def _once(self, work: Callable[[K], Awaitable[None]], key: K) -> None:
        """Whatever one key's call raises, it must hold up no other."""
        try:
            await work(key)
        except Exception as error:
            count = self._failures[key] = self._failures.get(key, 0) + 1
            delay = pause(count, first=self._first_backoff, longest=BACKOFF_LIMIT_SECONDS)
            unexpected = None if isinstance(error, PodbookError) else error
            again = "%s: %s; trying again in %.1f s"
            log.warning(again, key, str(error) or repr(error), delay, exc_info=unexpected)
            self._add_later(key, delay * random.uniform(0.75, 1.25))
        else:
            self._failures.pop(key, None)

    def _add_later(self, key: K, seconds: float) -> None:
        def due() -> None:
            self._later.pop(key, None)
            self.add(key)

        if key not in self._later:
            self._later[key] = asyncio.get_running_loop().call_later(seconds, due)
