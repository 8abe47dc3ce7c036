"""Keeps the content of every notebook version seen, and finds it again by its digest."""

from collections import OrderedDict
from typing import Final

from podbook_api.artifacts.store import Store
from podbook_crds.content import Content, blob_path, inline_blobs
from podbook_crds.errors import InvalidNotebook
from podbook_crds.resources.notebook import Notebook

_PARSED: Final = 128


class Contents:
    """Content records and the blobs that they name, in the artifact store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: set[str] = set()
        self._parsed: OrderedDict[str, Content] = OrderedDict()

    async def keep(self, notebook: Notebook, content: Content, digest: str) -> None:
        """Make sure that the digest leads to everything the notebook is made of."""
        if digest in self._kept:
            return
        for data in inline_blobs(notebook.spec).values():
            await self._store.put_blob(data)
        # Last, so that a record in the store means that its inline blobs are there.
        await self._store.put(blob_path(digest), content.record())
        self._kept.add(digest)

    async def get(self, digest: str) -> Content | None:
        """Return the content that a digest pins, or None where it is gone."""
        found = self._parsed.get(digest)
        if found is None:
            record = await self._store.get_blob(digest)
            if record is None:
                return None
            found = Content.model_validate_json(record)
            self._parsed[digest] = found
            while len(self._parsed) > _PARSED:
                self._parsed.popitem(last=False)
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

    def forget(self, digest: str) -> None:
        """Take in that the store no longer has it."""
        self._kept.discard(digest)
        self._parsed.pop(digest, None)
