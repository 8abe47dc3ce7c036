"""Tells at once that a folder may have changed, where the system tells of it.

Never more than a reason to look: what changed is found by looking, which goes on in any case. So
nothing that a watch meets (no watches or descriptors left, names that are no text, a drive that
tells of nothing) costs more than a moment.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

# Editors write a file in several steps: they are told together, in milliseconds.
_STEP_MS: Final = 50
_SETTLE_MS: Final = 100
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 60.0


class Hints:
    """Watches folders, each by itself: no link is followed, and nothing below that was left out."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: set[str] = set()
        self._folders: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def watch(self, root: Path, folders: Collection[str]) -> None:
        """Watch these folders below the root from now on."""
        wanted = frozenset(str(root / folder) for folder in folders)
        if wanted != self._folders or self._task is None:
            self.close()
            self._folders = wanted
            self._task = asyncio.create_task(self._watch(wanted))

    async def wait(self, seconds: float) -> None:
        """Return when something may have changed, and after that time at the latest."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
        self._changed.clear()

    @property
    def has_come(self) -> bool:
        """Tell whether something may have changed since the last wait."""
        return self._changed.is_set()

    def close(self) -> None:
        """Watch nothing any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self, folders: frozenset[str]) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._follow(folders)
            except Exception as error:
                # Of whatever kind: the library passes on what its Rust part meets, in groups, too.
                self._tell(_cause(error))
            self._changed.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _follow(self, folders: frozenset[str]) -> None:
        # Takes 60 ms to import, which nobody has to wait for: everything is ready by now.
        from watchfiles import awatch

        changes = awatch(
            *folders,
            watch_filter=None,
            debounce=_SETTLE_MS,
            step=_STEP_MS,
            recursive=False,
        )
        async with contextlib.aclosing(changes):
            async for _ in changes:
                self._changed.set()

    def _tell(self, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            self._say(f"the system does not tell of every change, so they are looked for: {why}")


def _cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or repr(error)
