"""Loads the catalog folder when the cluster is there, and again whenever a file changes."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from podbook_catalog.loader import FolderLoader, Loaded
from podbook_catalog.settings.podbook_toml import read_settings
from podbook_catalog.target.resources import Address
from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_local.up.preparation import Prepared

_ASK_AGAIN_SECONDS: Final = 0.03
_LONGEST_PAUSE_SECONDS: Final = 1.0
# Editors write a file in several steps: a change is waited out this long, in milliseconds.
_SETTLE_MS: Final = 100
_LOOK_AGAIN_SECONDS: Final = 0.3

_Identity = tuple[int, int]


class CatalogWatch:
    """The folder, followed; people are told what is wrong in it, once for each mistake."""

    def __init__(self, prepared: Prepared, say: Callable[[str], None]) -> None:
        self._root, self._say = prepared.root, say
        self._loader = FolderLoader(
            prepared.root,
            store=prepared.folder.store,
            address=Address(prepared.ports.cluster, prepared.token),
            interpreter=prepared.interpreter,
            environment=prepared.environment,
        )
        self._told: set[str] = set()
        # Why nothing could be loaded so far; empty once it could.
        self.trouble = ""

    async def first_load(self) -> list[str]:
        """Wait for the cluster, load the folder, and return the ids of its notebooks.

        Raises Mistaken where podbook.toml cannot be used; later its last good settings hold.
        """
        read_settings(self._root)
        return (await self._load()).notebooks

    async def follow(self) -> None:
        """Load again whenever something below the folder changes, until cancelled."""
        polling = False
        try:
            while True:
                try:
                    await self._follow(polling=polling)
                except OSError as error:
                    if not polling and self._root.exists():
                        self._say(
                            f"changes are looked for every 0.3 s, the system tells of none: {error}"
                        )
                        polling = True
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                while _identity(self._root) is None:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        finally:
            self._loader.close()

    async def _follow(self, *, polling: bool) -> None:
        """Do so until the folder is gone, or another one has taken its place."""
        # Takes 60 ms to import, which nobody has to wait for: everything is ready by now.
        from watchfiles import Change, awatch

        watched = _identity(self._root)
        removed = (Change.deleted, str(self._root))
        changes = awatch(
            self._root, debounce=_SETTLE_MS, step=_SETTLE_MS // 2, force_polling=polling
        )
        async with contextlib.aclosing(changes):
            seen: set[Any] = set()
            while watched is not None and watched == _identity(self._root) and removed not in seen:
                change = asyncio.ensure_future(anext(changes))
                try:
                    # Lets the watch begin: from then on nothing is missed, and what was saved
                    # before is seen by this load.
                    await asyncio.sleep(0)
                    await self._load()
                    while not await self._changed(change, watched):
                        await self._load(changed=False)
                    seen = _seen(change) if change.done() else seen
                finally:
                    change.cancel()
                    await asyncio.wait({change})
        await self._load()

    async def _changed(self, change: "asyncio.Future[Any]", watched: _Identity) -> bool:
        """Wait until files changed; False where models that take long have been read instead."""
        while not change.done() and watched == _identity(self._root):
            if self._loader.is_waiting and self._loader.has_news:
                return False
            await asyncio.wait({change}, timeout=_LOOK_AGAIN_SECONDS)
        return True

    async def _load(self, *, changed: bool = True) -> Loaded:
        pause = _ASK_AGAIN_SECONDS
        while True:
            try:
                loaded = await asyncio.to_thread(self._loader.load, changed=changed)
            except asyncio.CancelledError:
                self._loader.close()  # Its thread would go on waiting for models.
                raise
            except (ClusterUnavailable, Refused) as error:
                # Not there yet: the connection, then the resource definition.
                self.trouble = str(error)
                await asyncio.sleep(pause)
                pause = min(pause * 1.2, _LONGEST_PAUSE_SECONDS)
                continue
            except OSError as error:
                sentence = f"{error.filename or self._root}: {error.strerror}; trying again"
                self._tell(Loaded(warnings=[sentence]))
                await asyncio.sleep(_LONGEST_PAUSE_SECONDS)
                continue
            self.trouble = ""
            self._tell(loaded)
            return loaded

    def _tell(self, loaded: Loaded) -> None:
        sentences = {f"{path}: {problem}" for path, problem in loaded.problems.items()}
        sentences |= set(loaded.warnings)
        for sentence in sorted(sentences - self._told):
            self._say(sentence)
        self._told = sentences


def _seen(change: "asyncio.Future[Any]") -> set[Any]:
    """Return what changed; raises OSError where the watch broke: no more are to be had, for one."""
    try:
        seen: set[Any] = change.result()
    except RuntimeError as error:
        raise OSError(str(error)) from error
    return seen


def _identity(folder: Path) -> _Identity | None:
    """Return what a folder keeps when it is renamed, and its successor does not have."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
