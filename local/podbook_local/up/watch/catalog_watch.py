"""Loads the catalog folder when the cluster is there, and again whenever a file changes."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from podbook_catalog.folder.walk import Walk
from podbook_catalog.loader import FolderLoader, Loaded
from podbook_catalog.settings.podbook_toml import read_settings
from podbook_catalog.target.resources import Address
from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_local.up.daemon_thread import in_daemon_thread
from podbook_local.up.preparation import Prepared
from podbook_local.up.terminal.reloads import Reloads
from podbook_local.up.watch.hints import Hints

_ASK_AGAIN_SECONDS: Final = 0.03
_LONGEST_PAUSE_SECONDS: Final = 1.0
# How often the folder is looked through, whatever the system tells of it; a large one seldomer,
# so that looking takes no more than a twentieth of a CPU.
_LOOK_SECONDS: Final = 0.4
_LOOK_SHARE: Final = 20
# Editors write a file in several steps: a change is waited out this long.
_SETTLE_SECONDS: Final = 0.1
# What is too young to be known by its times is read once more after that.
_YOUNG_SECONDS: Final = 2.5


class CatalogWatch:
    """The folder, followed; people are told what is wrong in it, once for each mistake."""

    def __init__(self, prepared: Prepared, say: Callable[[str], None]) -> None:
        self._root = prepared.root
        self._reloads = Reloads(say, is_quiet=prepared.options.quiet)
        self._loader = FolderLoader(
            prepared.root,
            store=prepared.folder.store,
            address=Address(prepared.ports.cluster, prepared.token),
            interpreter=prepared.interpreter,
            environment=prepared.environment,
        )
        self._hints = Hints(say)
        # What the last pass saw, and when the next is due though nothing changes.
        self._loaded: Walk | None = None
        self._due: float | None = None
        self._pace = _LOOK_SECONDS
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
        try:
            while True:
                walked = await self._walk()
                if walked is not None:
                    self._hints.watch(self._root, walked.folders)
                if self._is_news(walked):
                    await asyncio.sleep(_SETTLE_SECONDS)
                    await self._load()
                elif self._loader.is_waiting and self._loader.has_news:
                    await self._load(changed=False)
                await self._hints.wait(self._rest())
        finally:
            self._hints.close()
            self._loader.close()

    def _is_news(self, walked: Walk | None) -> bool:
        """Tell whether a pass would come to anything: always where the folder cannot be read."""
        is_due = self._due is not None and time.monotonic() >= self._due
        return walked is None or is_due or walked != self._loaded

    def _rest(self) -> float:
        """Return for how many seconds there is nothing to do if nothing changes."""
        until_due = self._pace if self._due is None else self._due - time.monotonic()
        return max(0.0, min(self._pace, until_due))

    async def _walk(self) -> Walk | None:
        began = time.monotonic()
        try:
            walked = await in_daemon_thread(self._loader.walk)
        except OSError:
            return None
        self._pace = max(_LOOK_SECONDS, _LOOK_SHARE * (time.monotonic() - began))
        return walked

    async def _load(self, *, changed: bool = True) -> Loaded:
        pause = _ASK_AGAIN_SECONDS
        while True:
            try:
                loaded = await in_daemon_thread(lambda: self._pass(changed=changed))
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
                self._reloads.tell(Loaded(warnings=[sentence], is_complete=False))
                await asyncio.sleep(_LONGEST_PAUSE_SECONDS)
                continue
            self.trouble = ""
            self._take_in(loaded, changed=changed)
            return loaded

    def _pass(self, *, changed: bool) -> Loaded:
        """Load, in a thread; left off where a notebook is saved meanwhile, which then comes first.

        The first pass has to come to its end.
        """
        if self._loaded is None:
            return self._loader.load(changed=changed)
        asked = time.monotonic()

        def is_interrupted() -> bool:
            nonlocal asked
            if not self._hints.has_come and time.monotonic() - asked < self._pace:
                return False
            asked = time.monotonic()
            return self._is_newer()

        return self._loader.load(changed=changed, interrupted=is_interrupted)

    def _is_newer(self) -> bool:
        try:
            return self._loader.walk() != self._loader.walked
        except OSError:
            return False

    def _take_in(self, loaded: Loaded, *, changed: bool) -> None:
        self._reloads.tell(loaded)
        if changed:
            self._loaded = self._loader.walked
        if not loaded.is_complete:
            self._due = time.monotonic()
        elif loaded.is_unsettled:
            self._due = time.monotonic() + _YOUNG_SECONDS
        else:
            self._due = None
