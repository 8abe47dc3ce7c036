"""Deletes kept versions of notebooks that no waiting run is pinned to any more."""

from datetime import datetime, timedelta
from typing import Final

from podbook_crds import names
from podbook_crds.resources import revision
from podbook_operator.cluster import REVISIONS, Cluster
from podbook_operator.watch.cache import Cache

# The API keeps a version before it makes the execution, which has to be seen here first.
_AT_LEAST: Final = timedelta(hours=1)


async def sweep(cluster: Cluster, cache: Cache, namespace: str | None, now: datetime) -> None:
    """Look through the versions of a namespace, or of all."""
    pinned = {execution.spec.notebook.digest for execution in cache.executions()}
    async for page in cluster.pages(REVISIONS, namespace, labelSelector=names.VERSION_LABEL):
        for item in page["items"]:
            metadata = item["metadata"]
            made = datetime.fromisoformat(metadata["creationTimestamp"])
            name, version = revision.read(item)
            known = cache.notebook(metadata["namespace"], name)
            is_current = known is not None and known.status.digest == version.digest
            if version.digest in pinned or is_current or now - made < _AT_LEAST:
                continue
            where = (REVISIONS, metadata["namespace"], metadata["name"])
            await cluster.delete(*where, uid=metadata["uid"])
