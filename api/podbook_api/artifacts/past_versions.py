"""What is known of a notebook's versions after the notebook itself is gone."""

import hashlib
from collections.abc import AsyncIterator
from typing import Final

from podbook_api.artifacts.store import Store, Stored
from podbook_crds.resources.pushed import History

FOLDER: Final = "versions"


class Past:
    """One small object of the store for each notebook that was ever pushed.

    What stands on the Notebook is the truth; this is for one that is made again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, notebook_id: str) -> History:
        """Return the versions of a notebook as they were last."""
        return History.parse(await self._store.get(_path(notebook_id)) or b"")

    async def all(self) -> AsyncIterator[tuple[Stored, History]]:
        """Yield every object of them with what it says."""
        async for stored in self._store.under(FOLDER):
            yield stored, History.parse(await self._store.get(stored.path) or b"")

    async def write(self, notebook_id: str, history: History) -> None:
        """Remember them."""
        await self._store.put(_path(notebook_id), history.text().encode())


def _path(notebook_id: str) -> str:
    return f"{FOLDER}/{hashlib.sha256(notebook_id.encode()).hexdigest()}.json"
