"""Wires the API's parts together: made once, handed to both applications."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from podbook_api.artifacts import Artifacts
from podbook_api.catalog import Catalog, Entry
from podbook_api.cluster import Cluster
from podbook_api.contents import Contents
from podbook_api.dry_run import DryRuns
from podbook_api.execution_index import ExecutionIndex
from podbook_api.executions import Executions
from podbook_api.progress import ProgressBoard
from podbook_api.rendering import Renderer
from podbook_api.settings import Settings
from podbook_api.store import Store
from podbook_api.submit import Submissions
from podbook_api.watch_cache import WatchCache
from podbook_crds import names
from podbook_crds.errors import PodbookError

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Everything that the routes are built on."""

    settings: Settings
    cluster: Cluster
    store: Store
    contents: Contents
    catalog: Catalog
    notebooks: WatchCache
    index: ExecutionIndex
    cache: WatchCache
    executions: Executions
    submissions: Submissions
    dry_runs: DryRuns
    progress: ProgressBoard
    renderer: Renderer
    artifacts: Artifacts
    # Notebook versions whose content is still to be written to the store.
    unkept: asyncio.Queue[Entry]

    @classmethod
    def build(cls, settings: Settings, cluster: Cluster, store: Store) -> Self:
        """Return the parts; nothing is running yet."""
        contents, unkept = Contents(store), asyncio.Queue[Entry]()
        catalog, index = Catalog(changed=unkept.put_nowait), ExecutionIndex()
        notebooks = WatchCache(
            cluster, names.NOTEBOOK_PLURAL, present=catalog.present, absent=catalog.absent
        )
        cache = WatchCache(
            cluster, names.EXECUTION_PLURAL, present=index.present, absent=index.absent
        )
        renderer = Renderer(store, processes=settings.render_processes)
        return cls(
            settings=settings,
            cluster=cluster,
            store=store,
            contents=contents,
            catalog=catalog,
            notebooks=notebooks,
            index=index,
            cache=cache,
            executions=Executions(cluster, cache, index),
            submissions=Submissions(
                cluster,
                store,
                contents,
                catalog,
                cache,
                index,
                queue_limit=settings.queue_limit,
                now=utc_now,
            ),
            dry_runs=DryRuns(contents, settings.namespace),
            progress=ProgressBoard(store),
            renderer=renderer,
            artifacts=Artifacts(store, contents, renderer),
            unkept=unkept,
        )

    @property
    def is_ready(self) -> bool:
        """Whether both watches have been listed once."""
        return self.notebooks.ready.is_set() and self.cache.ready.is_set()

    async def ready(self) -> None:
        """Return once both watches have been listed."""
        await self.notebooks.ready.wait()
        await self.cache.ready.wait()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Follow the cluster in the background."""
        loops = (self.notebooks.run(), self.cache.run(), self._keep_contents())
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """Close connections and processes."""
        await self.renderer.close()
        await self.cluster.close()

    async def _keep_contents(self) -> None:
        """Store each notebook version as it is seen, so that its digest leads to it later."""
        while True:
            entry = await self.unkept.get()
            try:
                await self.contents.keep(entry.notebook, entry.content, entry.digest)
            except PodbookError as error:
                _log.warning("%s: not kept yet: %s", entry.notebook.name, error)
                await asyncio.sleep(1)
                self.unkept.put_nowait(entry)
