"""Takes in artifacts: streamed, bounded, and kept only if the bytes fit their digest."""

import hashlib
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Final

from cachetools import FIFOCache

from podbook_api.artifacts import artifact_names
from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.http.problems import Problem
from podbook_api.intake.identity import Caller
from podbook_api.intake.view import View
from podbook_crds.formats import digests
from podbook_crds.resources.execution import Artifact

_IN_MEMORY: Final = 4 * 1024 * 1024
_REMEMBERED: Final = 8192


class Uploads:
    """The artifacts that runners send."""

    def __init__(self, store: Store, view: View, *, limit: int) -> None:
        self._store = store
        self._view = view
        self._limit = limit
        self._digests: FIFOCache[tuple[str, str], str] = FIFOCache(_REMEMBERED)

    async def take(
        self, caller: Caller, name: str, digest: str, body: AsyncIterator[bytes]
    ) -> None:
        """Keep an artifact of the caller's execution; the same one again is fine."""
        if not artifact_names.is_valid(name):
            raise Problem(422, "artifact-name", f"an artifact cannot be called {name[:200]!r}")
        if not digests.is_digest(digest):
            raise Problem(422, "digest", "X-Podbook-Digest is not sha256: and 64 hex digits")
        await self._view.claimed(caller)
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            found = hashlib.sha256()
            async for chunk in body:
                found.update(chunk)
                spool.write(chunk)
                if spool.tell() > self._limit:
                    raise Problem(413, "too-large", f"an artifact may have {self._limit} bytes")
            if digests.written(found.hexdigest()) != digest:
                raise Problem(422, "digest", f"the bytes of {name} do not have the digest {digest}")
            size = spool.tell()
            spool.seek(0)
            path = artifact_path(caller.execution_uid, name)
            await self._store.put(path, spool.read() if size <= _IN_MEMORY else spool)
        self._digests[caller.execution_uid, name] = digest

    async def missing(self, caller: Caller, artifacts: list[Artifact]) -> list[str]:
        """Return the names of those that the store lacks, or has with other bytes."""
        return [a.name for a in artifacts if not await self._has(caller, a)]

    async def _has(self, caller: Caller, artifact: Artifact) -> bool:
        known = self._digests.get((caller.execution_uid, artifact.name))
        if known is None and artifact_names.is_valid(artifact.name):
            # Taken in by another replica, or before a restart.
            known = await self._stored_digest(artifact_path(caller.execution_uid, artifact.name))
        return known == artifact.digest

    async def _stored_digest(self, path: str) -> str | None:
        stored = await self._store.head(path)
        if stored is None:
            return None
        found = hashlib.sha256()
        async for chunk in self._store.chunks(path, 0, stored.size):
            found.update(chunk)
        return digests.written(found.hexdigest())
