"""Removes from the artifact store what nobody refers to any more, and what has had its time."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from podbook_api.artifacts.execution_record import Records, is_final
from podbook_api.artifacts.past_versions import Past
from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.artifacts.store import EXECUTIONS, RECORD, Store, Stored
from podbook_api.state.cluster import Cluster
from podbook_crds import names
from podbook_crds.content import Content, inline_blobs
from podbook_crds.ends.latest import Latest
from podbook_crds.errors import PodbookError
from podbook_crds.formats import digests
from podbook_crds.resources.notebook import Defaults, Notebook
from podbook_crds.resources.pushed import History

Resource = dict[str, Any]

_log = logging.getLogger(__name__)

# What was written lately may be about to be referred to: a blob comes before its notebook.
_YOUNG: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a sweep keeps of an execution: a hundred thousand whole ones would be gigabytes."""

    name: str
    # None until it is final.
    ended: str | None
    digest: str | None
    keep: bool

    @classmethod
    def of(cls, resource: Resource) -> Self:
        metadata, status = resource["metadata"], resource.get("status") or {}
        ended = status.get("finishedAt") or metadata["creationTimestamp"]
        digest = resource["spec"]["notebook"].get("digest") or status.get("notebookDigest")
        return cls(
            metadata["name"],
            ended if is_final(resource) else None,
            digest,
            bool(resource["spec"].get("keep")),
        )


@dataclass
class _Living:
    """What the cluster holds: executions by uid, and every digest that something refers to."""

    executions: dict[str, _Standing] = field(default_factory=dict)
    # Of notebooks whose newest results stay: the uid of each.
    latest: Latest = field(default_factory=Latest)
    digests: set[str] = field(default_factory=set)


class Sweeper:
    """Sweeps against a complete list of the cluster; what it removes was superfluous twice."""

    def __init__(
        self,
        cluster: Cluster,
        store: Store,
        *,
        contents: Contents,
        records: Records,
        renderer: Renderer,
        now: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._contents = contents
        self._records = records
        self._renderer = renderer
        self._now = now
        self._superfluous: set[Stored] = set()

    async def run(self, *, every_seconds: float) -> None:
        """Sweep now and then until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                removed = await self.sweep()
                _log.info("swept %d objects from the artifact store", removed)
            except (PodbookError, ValueError) as error:
                # Also where an object cannot be read: what it refers to is not known then.
                _log.warning("not swept: %s", error)

    async def sweep(self) -> int:
        """Remove what was superfluous in the last sweep and still is; return how many objects."""
        blobs = {self._digest(stored): stored async for stored in self._store.under("blobs")}
        folders: dict[str, list[Stored]] = defaultdict(list)
        async for stored in self._store.under(EXECUTIONS):
            folders[stored.path.split("/")[1]].append(stored)
        # After the store: what is referred to now is known, whatever was written meanwhile.
        living = await self._living()
        old = {
            stored
            for digest, stored in blobs.items()
            if digest not in living.digests and self._now() - stored.modified > _YOUNG
        }
        latest = living.latest.uids()
        for uid, folder in folders.items():
            if uid not in latest:
                old |= await self._old(uid, folder, living.executions.get(uid))
        await self._record(living, folders)
        again = old & self._superfluous
        removed = [stored for stored in again if await self._remove(stored)]
        self._superfluous = old - again
        await self._renderer.sweep(self._now())
        return len(removed)

    async def _remove(self, stored: Stored) -> bool:
        """Delete it, unless it was written again since it was listed: somebody is about to use it.

        Looked at once for each object, just before: a sweep of many takes minutes.
        """
        there = await self._store.head(stored.path)
        # To the second: a bucket tells less of one object than of those in a list.
        if there is not None and there.modified - stored.modified >= timedelta(seconds=1):
            return False
        await self._store.delete([stored.path])
        self._contents.forget(self._digest(stored))
        return True

    async def _old(self, uid: str, folder: list[Stored], standing: _Standing | None) -> set[Stored]:
        """Return what of an execution's folder has had its time."""
        exists = standing is not None
        if standing is None:
            recorded = await self._records.read(uid)
            standing = None if recorded is None else _Standing.of(recorded)
        if standing is None:
            newest = max(stored.modified for stored in folder)
            return set(folder) if self._now() - newest > _YOUNG else set()
        if standing.ended is None or (exists and standing.keep):
            return set()
        kept = timedelta(seconds=await self._artifact_ttl(standing))
        if self._now() - datetime.fromisoformat(standing.ended).astimezone(UTC) <= kept:
            return set()
        return {stored for stored in folder if not (exists and stored.path.endswith(f"/{RECORD}"))}

    async def _artifact_ttl(self, standing: _Standing) -> int:
        content = await self._content(standing.digest)
        return (Defaults() if content is None else content.defaults).artifact_ttl_seconds

    async def _content(self, digest: str | None) -> Content | None:
        return await self._contents.get(digest) if digest else None

    async def _living(self) -> _Living:
        living = _Living()
        async for items, _ in self._cluster.pages(names.NOTEBOOK_PLURAL):
            for item in items:
                notebook = Notebook.from_resource(item)
                content = Content.of(notebook.id, notebook.spec)
                living.latest.notebook(notebook)
                living.digests |= {content.digest, *content.blobs, *inline_blobs(notebook.spec)}
                living.digests |= await self._named(History.read(notebook.annotations))
        async for _, history in Past(self._store).all():
            # Of notebooks that are gone: one that is made again can go back to them.
            living.digests |= await self._named(history)
        async for items, _ in self._cluster.pages(names.EXECUTION_PLURAL):
            for item in items:
                living.executions[item["metadata"]["uid"]] = _Standing.of(item)
                living.latest.execution(item)
                living.digests |= await self._referred(item)
        return living

    async def _named(self, history: History) -> set[str]:
        """Return what the versions are made of that one can go back to."""
        found: set[str] = set()
        for version in history.living(self._now()):
            content = await self._content(version.digest)
            found |= {version.digest} | (content.blobs if content else set())
        return found

    async def _referred(self, execution: Resource) -> set[str]:
        reference, status = execution["spec"]["notebook"], execution.get("status") or {}
        named = {reference.get("digest"), reference.get("blob"), status.get("notebookDigest")}
        content = await self._content(_Standing.of(execution).digest)
        return {digest for digest in named if digest} | (content.blobs if content else set())

    async def _record(self, living: _Living, folders: dict[str, list[Stored]]) -> None:
        """Write the records of executions that ended while no API was looking."""
        for uid, standing in living.executions.items():
            recorded = any(stored.path.endswith(f"/{RECORD}") for stored in folders.get(uid, ()))
            if standing.ended is not None and not recorded:
                resource = await self._cluster.get(names.EXECUTION_PLURAL, standing.name)
                if resource is not None and resource["metadata"]["uid"] == uid:
                    await self._records.write(resource)

    @staticmethod
    def _digest(stored: Stored) -> str:
        return digests.written(stored.path.rsplit("/", 1)[-1])
