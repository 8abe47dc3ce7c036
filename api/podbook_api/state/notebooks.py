"""Finds notebooks: in the catalog, and before any 404 in the cluster itself."""

import re
from pathlib import Path
from typing import Final

from podbook_api.state.catalog import Catalog, Entry
from podbook_api.state.cluster import Cluster, is_object_name
from podbook_crds import names
from podbook_crds.errors import CatalogNotRead, NotebookNotReady, UnknownNotebook
from podbook_kube.reflector import Reflector

# What a field selector can be asked for without quoting rules of its own.
_SELECTABLE: Final = re.compile(r"[^,=!\\\x00-\x1f]{1,512}")


class Notebooks:
    """The notebooks of the namespace, as fresh as the watch and never older than a 404."""

    def __init__(
        self, cluster: Cluster, cache: Reflector, catalog: Catalog, *, pending: Path | None = None
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._catalog = catalog
        # A file that is there while whoever loads the catalog reads it for the first time.
        self._pending = pending

    async def find(self, notebook_id: str) -> Entry:
        """Return the notebook of that id; raise UnknownNotebook or CatalogNotRead."""
        found = self._catalog.get(notebook_id)
        if found is None:
            await self._look(notebook_id)
            found = self._catalog.get(notebook_id)
        if found is None and self._pending is not None and self._pending.exists():
            raise CatalogNotRead(
                f"no notebook has the id {notebook_id[:200]!r} so far, and the folder is still"
                " being read; try again in a moment"
            )
        if found is None:
            raise UnknownNotebook(f"no notebook has the id {notebook_id[:200]!r}")
        return found

    async def runnable(self, notebook_id: str) -> Entry:
        """Return the notebook of that id; raise UnknownNotebook or NotebookNotReady."""
        found = await self.find(notebook_id)
        if found.problem is not None:
            raise NotebookNotReady(f"notebook {notebook_id!r} cannot be run: {found.problem}")
        return found

    async def _look(self, notebook_id: str) -> None:
        """Ask the cluster for what the watch may not have shown yet."""
        if is_object_name(notebook_id):
            resource = await self._cluster.get(names.NOTEBOOK_PLURAL, notebook_id)
            if resource is not None:
                self._cache.put(resource)
        if _SELECTABLE.fullmatch(notebook_id):
            selector = f"spec.id={notebook_id}"
            async for items, _ in self._cluster.pages(names.NOTEBOOK_PLURAL, selector):
                for item in items:
                    self._cache.put(item)
