"""Sends the Kubernetes API no more at once than it takes, and waits where it says so."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from typing import Final

from podbook_crds.backoff import pauses
from podbook_crds.errors import ClusterBusy
from podbook_kube.objects import Object

# More at once make an API server slower, not faster.
AT_ONCE: Final = 64
# For so long a request waits for its turn; its caller is told to come back after that.
PATIENCE_SECONDS: Final = 30.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


class Throttle:
    """A queue before the API server: it is what makes a thousand calls at once ordinary."""

    def __init__(self, *, at_once: int = AT_ONCE, patience_seconds: float = PATIENCE_SECONDS):
        self._room = asyncio.Semaphore(at_once)
        self._at_once = at_once
        self._patience = patience_seconds
        self._waiting = 0
        # Of one request; what Retry-After is reckoned from.
        self._usual_seconds = 0.05

    async def answered(self, ask: Callable[[], Awaitable[Object]]) -> Object:
        """Return the answer, asked for again while the API server is busy; raise ClusterBusy."""
        clock = asyncio.get_running_loop().time
        until = clock() + self._patience
        growing = pauses(first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
        while True:
            try:
                return await self._in_turn(ask, until)
            except ClusterBusy as busy:
                # Longer than asked for, each by another bit: not all of them at once again.
                pause = next(growing)
                wait = (busy.retry_after_seconds or pause) * random.uniform(1, 1.5)
            if clock() + wait > until:
                raise self._told(at_least=wait)
            await asyncio.sleep(wait)

    async def _in_turn(self, ask: Callable[[], Awaitable[Object]], until: float) -> Object:
        clock = asyncio.get_running_loop().time
        self._waiting += 1
        try:
            async with asyncio.timeout_at(until):
                await self._room.acquire()
        except TimeoutError as error:
            raise self._told(at_least=1) from error
        finally:
            self._waiting -= 1
        begun = clock()
        try:
            return await ask()
        finally:
            self._room.release()
            self._usual_seconds += (clock() - begun - self._usual_seconds) / 16

    def _told(self, *, at_least: float) -> ClusterBusy:
        """Name the time after which those that wait now will have had their turn."""
        reckoned = self._usual_seconds * self._waiting / self._at_once
        seconds = min(60, math.ceil(max(reckoned, at_least)))
        return ClusterBusy(
            f"the cluster has too much to do: no answer in {self._patience:.0f} s;"
            f" try again in {seconds} s",
            retry_after_seconds=seconds,
        )
