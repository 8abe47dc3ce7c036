"""Keeps what a list and a watch of one resource say, across gaps, and tells of every change."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, NamedTuple, Protocol

from cachetools import FIFOCache

from podbook_crds.errors import PodbookError
from podbook_kube.answers import Expired
from podbook_kube.backoff import pauses
from podbook_kube.differences import gone, version_of
from podbook_kube.objects import Object

_log = logging.getLogger(__name__)

# Far more deletions than there can be events on their way.
_REMEMBERED: Final = 10_000
# Longer than a watch event is on its way, shorter than anyone notices.
_LAG_SECONDS: Final = 0.1


class Source(Protocol):
    """The part of Kubernetes that is needed to follow a resource."""

    def pages(self, plural: str) -> AsyncIterator[tuple[list[Object], str]]:
        """Yield all objects in pages, each with the list's resourceVersion; raise Expired."""
        ...

    async def version(self) -> str:
        """Return the resourceVersion up to which everything has been written."""
        ...

    def watch(self, plural: str, version: str) -> AsyncIterator[Object]:
        """Yield the events after the resourceVersion; raise Expired where it is too old."""
        ...


class _Known(NamedTuple):
    """Which object of a name, and how new."""

    version: int
    uid: str


_NEVER: Final = _Known(0, "")


@dataclass
class Account:
    """How well the resource could be followed since the process began."""

    lists: int = 0
    failures: int = 0
    # Reads that found the watch behind, and how long they waited for it in all.
    waits: int = 0
    waited_seconds: float = 0.0


class Reflector:
    """Every object's name and newest known resourceVersion; listeners keep what they need of it.

    present is called with each object that is new or changed, absent with the name of each that
    is gone. Both are called in the order of the changes, never twice for one.
    """

    def __init__(
        self,
        source: Source,
        plural: str,
        *,
        present: Callable[[Object], None],
        absent: Callable[[str], None],
    ) -> None:
        self._source = source
        self.plural = plural
        self.account = Account()
        self._present = present
        self._absent = absent
        self._known: dict[str, _Known] = {}
        # Deleted lately, by this process or in the watch: no event of before may bring it back.
        self._gone: FIFOCache[str, _Known] = FIFOCache(_REMEMBERED)
        # Up to where the watch has come, and up to where it was waited for in vain: what lies
        # between are writes to other resources.
        self._seen = 0
        self._waited = 0
        self._moved = asyncio.Event()
        self.ready = asyncio.Event()

    def put(self, resource: Object) -> None:
        """Take in an object, from the watch or an own write; what is older than known is not."""
        name, known = _key(resource)
        gone = self._gone.get(name, _NEVER)
        if known.uid == gone.uid or known.version <= self._version(name):
            return
        if "deletionTimestamp" in resource["metadata"]:
            # Somebody's finalizer keeps it; to whoever asked for its deletion it is gone.
            self._remove(name, known)
            return
        self._known[name] = known
        try:
            self._present(resource)
        except (LookupError, TypeError, ValueError):
            # Written past the definition's checks; it must not hide all others.
            _log.exception("%s %s cannot be read", self.plural, name)

    def forget(self, resource: Object) -> None:
        """Take in that an object is gone, whatever was written to it meanwhile.

        One of the same name that was made since is another, and stays.
        """
        name, gone = _key(resource)
        known = self._known.get(name)
        if known is None or known.uid == gone.uid or known.version < gone.version:
            self._remove(name, gone)

    def _remove(self, name: str, gone: _Known) -> None:
        self._gone[name] = gone
        if self._known.pop(name, None) is not None:
            self._absent(name)

    def _version(self, name: str) -> int:
        return max(self._known.get(name, _NEVER).version, self._gone.get(name, _NEVER).version)

    async def caught_up(self) -> None:
        """Return once everything that was written before the call is known here.

        The watch may have nothing to show for the newest writes, which are to other resources:
        after a moment without news that is taken for granted.
        """
        written = int(await self._source.version())
        if written <= max(self._seen, self._waited):
            return
        self.account.waits += 1
        start = monotonic()
        try:
            async with asyncio.timeout(_LAG_SECONDS):
                while self._seen < written:
                    await self._moved.wait()
        except TimeoutError:
            self._waited = max(self._waited, written)
        finally:
            self.account.waited_seconds += monotonic() - start

    async def run(self) -> None:
        """Follow the resource until cancelled; every failure is followed by another try."""
        waits = pauses()
        version: str | None = None
        while True:
            try:
                if version is None:
                    version = await self._list()
                    self._move(version)
                    self.ready.set()
                async for event in self._source.watch(self.plural, version):
                    version = self._take(event)
                    self._move(version)
                    waits = pauses()
            except Expired:
                version = None
            except PodbookError as error:
                self.account.failures += 1
                _log.warning("%s: %s", self.plural, error)
                await asyncio.sleep(next(waits))

    def _move(self, version: str) -> None:
        self._seen = int(version)
        self._moved.set()
        self._moved = asyncio.Event()

    async def _list(self) -> str:
        """Take in a complete list; what it lacks and was there before is gone."""
        self.account.lists += 1
        before, listed, version = set(self._known), set[str](), "0"
        async for items, version in self._source.pages(self.plural):  # noqa: B007
            for item in items:
                listed.add(item["metadata"]["name"])
                self.put(item)
        known = {name: at.version for name, at in self._known.items() if name in before}
        for name in gone(known, listed, listed_at=int(version)):
            del self._known[name]
            self._absent(name)
        return version

    def _take(self, event: Object) -> str:
        resource = event["object"]
        if event["type"] == "DELETED":
            self.forget(resource)
        elif event["type"] != "BOOKMARK":
            self.put(resource)
        version: str = resource["metadata"]["resourceVersion"]
        return version


def _key(resource: Object) -> tuple[str, _Known]:
    metadata = resource["metadata"]
    return metadata["name"], _Known(version_of(resource), metadata["uid"])
