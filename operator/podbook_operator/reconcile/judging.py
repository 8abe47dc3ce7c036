"""Has judged, beside the work on keys, what takes a process; nobody waits for one that is slow."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

from podbook_crds.errors import PodbookError

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_AGAIN_SECONDS: Final = 5.0


class Judging(Generic[K, V]):
    """Verdicts by key; each holds for one state of what was judged."""

    def __init__(self, wake: Callable[[K], None]) -> None:
        self._wake = wake
        self._known: dict[K, tuple[Hashable, V]] = {}
        self._pending: dict[K, tuple[Hashable, asyncio.Task[None]]] = {}

    def get(self, key: K, state: Hashable, judge: Callable[[], Awaitable[V]]) -> V | None:
        """Return the verdict on that state; None until it is found, which wakes the key."""
        known = self._known.get(key)
        if known is not None and known[0] == state:
            return known[1]
        pending = self._pending.get(key)
        if pending is None or pending[0] != state:
            self.forget(key)
            task = asyncio.create_task(self._judge(key, state, judge))
            self._pending[key] = (state, task)
        return None

    def forget(self, key: K) -> None:
        """Nobody needs the verdict any more."""
        self._known.pop(key, None)
        if (pending := self._pending.pop(key, None)) is not None:
            pending[1].cancel()

    async def _judge(self, key: K, state: Hashable, judge: Callable[[], Awaitable[V]]) -> None:
        while True:
            try:
                verdict = await judge()
                break
            except (PodbookError, OSError) as error:  # No process can be started, for one.
                log.warning("%s cannot be judged now: %s", key, error)
                await asyncio.sleep(_AGAIN_SECONDS)
        self._known[key] = (state, verdict)
        del self._pending[key]
        self._wake(key)
