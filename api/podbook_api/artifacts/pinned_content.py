"""Keeps the content of every notebook version seen, and finds it again by its digest."""

import time
from typing import Final

from cachetools import FIFOCache

from podbook_api.artifacts.store import Store
from podbook_crds.content import Content, blob_path, inline_blobs
from podbook_crds.errors import InvalidNotebook, PodbookError
from podbook_crds.resources.notebook import Notebook, Source

_PARSED: Final = 128
# Another replica may have swept what this one has stored: it is written again after so long, well
# before a sweep takes what is young.
_TRUSTED_SECONDS: Final = 1800.0


class Contents:
    """Content records and the blobs that they name, in the artifact store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, float] = {}
        self._parsed: FIFOCache[str, Content] = FIFOCache(_PARSED)

    async def keep(self, notebook: Notebook, content: Content, digest: str) -> None:
        """Make sure that the digest leads to everything the notebook is made of."""
        if time.monotonic() - self._kept.get(digest, -_TRUSTED_SECONDS) < _TRUSTED_SECONDS:
            return
        for data in inline_blobs(notebook.spec).values():
            await self._store.put_blob(data)
        # Last, so that a record in the store means that its inline blobs are there.
        await self._store.put(blob_path(digest), content.record())
        self._kept[digest] = time.monotonic()

    async def get(self, digest: str) -> Content | None:
        """Return the content that a digest pins, or None where it is gone."""
        found = self._parsed.get(digest)
        if found is None:
            record = await self._store.get_blob(digest)
            if record is None:
                return None
            found = Content.model_validate_json(record)
            self._parsed[digest] = found
        return found

    async def size(self, digest: str) -> int | None:
        """Return how many bytes a blob has, or None where it is gone."""
        stored = await self._store.head(blob_path(digest))
        return None if stored is None else stored.size

    async def text(self, digest: str) -> str | None:
        """Return a blob that holds text, or None where it is gone; raise InvalidNotebook."""
        data = await self._store.get_blob(digest)
        try:
            return None if data is None else data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise InvalidNotebook(f"the notebook is not UTF-8 text: {error}") from error

    async def small_text(self, source: Source, *, at_most: int) -> str | None:
        """Return a notebook's JSON text; None where it is larger or cannot be had now.

        One that came inside its resource is small already.
        """
        if source.ipynb is not None:
            return source.ipynb
        digest = source.blob or ""
        try:
            size = await self.size(digest)
            return None if size is None or size > at_most else await self.text(digest)
        except PodbookError:
            return None

    def forget(self, digest: str) -> None:
        """Take in that the store no longer has it."""
        self._kept.pop(digest, None)
        self._parsed.pop(digest, None)
