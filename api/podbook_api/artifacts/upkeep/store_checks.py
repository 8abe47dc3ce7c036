"""Finds out whether the artifact store takes what is written to it, and how much room it has."""

import asyncio
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from podbook_api.artifacts.store import Store
from podbook_crds.errors import StoreUnavailable

# Always the same object: it is written over, and nothing is left to sweep.
_PATH: Final = "health/written"
# Whoever asks more often is told what was found before: it costs no write.
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """What was found; problem is empty where it takes what is written."""

    problem: str
    # None for a bucket, which says nothing of it.
    free_bytes: int | None = None
    total_bytes: int | None = None


class StoreChecks:
    """Writes one small object, at most every few seconds, however many ask."""

    def __init__(
        self, store: Store, url: str, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        parts = urlsplit(url)
        self._store = store
        self._folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._last: tuple[float, StoreCheck] | None = None

    async def found(self) -> StoreCheck:
        """Return what was found just now, or some seconds ago."""
        async with self._one_at_a_time:
            if self._last is None or self._now() - self._last[0] > _SECONDS:
                self._last = self._now(), await self._check()
            return self._last[1]

    async def _check(self) -> StoreCheck:
        problem = ""
        try:
            await self._store.put(_PATH, b"podbook")
        except StoreUnavailable as error:
            problem = str(error)
        free, total = await asyncio.to_thread(self._room)
        return StoreCheck(problem, free, total)

    def _room(self) -> tuple[int | None, int | None]:
        try:
            usage = None if self._folder is None else shutil.disk_usage(self._folder)
        except OSError:
            usage = None
        return (None, None) if usage is None else (usage.free, usage.total)
