"""Knows which blobs a push may count on: they stay for as long as it takes to name them."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from podbook_api.artifacts.store import Store
from podbook_api.state.catalog import Catalog
from podbook_crds.content import blob_path

# The sweep leaves alone what is younger than an hour: half of it is left for the rest of a push.
_FRESH: Final = timedelta(minutes=30)
_AT_ONCE: Final = 16


class PushedBlobs:
    """The store's blobs as a push sees them."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    async def size(self, digest: str, *, now: datetime) -> int | None:
        """Return how many bytes a blob has; None where it is not there, or may be swept soon."""
        stored = await self._store.head(blob_path(digest))
        if stored is None:
            return None
        is_fresh = now - stored.modified < _FRESH
        return stored.size if is_fresh or self._is_named(digest) else None

    async def missing(self, digests: Iterable[str], *, now: datetime) -> list[str]:
        """Return those that have to be sent, sorted."""
        few = asyncio.Semaphore(_AT_ONCE)

        async def is_missing(digest: str) -> bool:
            async with few:
                return await self.size(digest, now=now) is None

        asked = sorted(set(digests))
        answers = await asyncio.gather(*map(is_missing, asked))
        return [digest for digest, missing in zip(asked, answers, strict=True) if missing]

    async def are_there(self, digests: Iterable[str]) -> bool:
        """Tell whether the store has them all, of whatever age."""
        found = await asyncio.gather(*(self._store.head(blob_path(d)) for d in set(digests)))
        return all(stored is not None for stored in found)

    async def put(self, data: bytes) -> str:
        """Keep the bytes, young from now on; return their digest."""
        return await self._store.put_blob(data)

    def _is_named(self, digest: str) -> bool:
        """Tell whether a notebook of the catalog holds it: the sweep does not take that."""
        return any(digest in entry.blobs for entry in self._catalog.entries())
