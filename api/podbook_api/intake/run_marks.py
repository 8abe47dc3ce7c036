"""Marks what kubectl made once it has ended: a copy made of its export is known by another's uid.

What came over REST says when it was submitted, which shows the same and costs no write.
"""

import asyncio
import logging
from typing import Any, Final

from podbook_api.artifacts.execution_record import is_final
from podbook_api.state.cluster import Cluster
from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Conflict, PodbookError

Resource = dict[str, Any]

_log = logging.getLogger(__name__)

_AGAIN_SECONDS: Final = 5.0


class RunMarks:
    """Writes one after the other, when nobody waits for it any more."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._ended: asyncio.Queue[Resource] = asyncio.Queue()

    def present(self, resource: Resource) -> None:
        """Take in a new or changed execution."""
        if is_final(resource) and not _is_known(resource["metadata"]):
            self._ended.put_nowait(resource)

    async def run(self) -> None:
        """Write marks until cancelled."""
        while True:
            resource = await self._ended.get()
            try:
                await self._mark(resource["metadata"])
            except Conflict:
                pass  # The change that was first brings it here once more.
            except ClusterUnavailable as error:
                _log.warning("%s: not marked yet: %s", resource["metadata"]["name"], error)
                await asyncio.sleep(_AGAIN_SECONDS)
                self._ended.put_nowait(resource)
            except PodbookError as error:
                _log.warning("%s: not marked: %s", resource["metadata"]["name"], error)

    async def _mark(self, metadata: Resource) -> None:
        there = metadata.get("annotations") or {}
        annotations = {**there, names.RAN_AS_ANNOTATION: metadata["uid"]}
        operation = {"op": "add", "path": "/metadata/annotations", "value": annotations}
        where = (names.EXECUTION_PLURAL, metadata["name"], metadata["resourceVersion"])
        await self._cluster.change(*where, [operation])


def _is_known(metadata: Resource) -> bool:
    annotations = metadata.get("annotations") or {}
    is_going = "deletionTimestamp" in metadata
    marks = {names.RAN_AS_ANNOTATION, names.SUBMITTED_ANNOTATION}
    return is_going or not marks.isdisjoint(annotations)
