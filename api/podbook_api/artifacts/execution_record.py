"""Writes down how each execution ended, where it outlives the resource: execution.json."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from podbook_api.artifacts.store import RECORD, Store, artifact_path
from podbook_crds.ends.phases import FINAL
from podbook_crds.errors import PodbookError

Resource = dict[str, Any]

_log = logging.getLogger(__name__)


class Records:
    """Records of ended executions; each is written once it is seen to have ended."""

    def __init__(
        self, store: Store, *, recorded: Callable[[Resource], None] = lambda _: None
    ) -> None:
        """Recorded is told of each execution whose end was written down."""
        self._store = store
        self._recorded = recorded
        self._running: set[str] = set()
        self._ended: asyncio.Queue[Resource] = asyncio.Queue()

    def present(self, resource: Resource) -> None:
        """Take in a new or changed execution.

        One that was never seen running is left to the sweep: at start there may be thousands.
        """
        name = resource["metadata"]["name"]
        if not is_final(resource):
            self._running.add(name)
        elif name in self._running:
            self._running.discard(name)
            self._ended.put_nowait(resource)

    def absent(self, name: str) -> None:
        """Take in that an execution is gone."""
        self._running.discard(name)

    async def run(self) -> None:
        """Write records until cancelled."""
        while True:
            resource = await self._ended.get()
            try:
                await self.write(resource)
                self._recorded(resource)
            except PodbookError as error:
                # The sweep writes what is missing.
                _log.warning("%s: no record yet: %s", resource["metadata"]["name"], error)

    async def write(self, resource: Resource) -> None:
        """Write the record of an ended execution."""
        metadata = {k: v for k, v in resource["metadata"].items() if k != "managedFields"}
        record = json.dumps({**resource, "metadata": metadata}).encode()
        await self._store.put(artifact_path(metadata["uid"], RECORD), record)

    async def read(self, execution_uid: str) -> Resource | None:
        """Return the resource as it ended, or None where that was not recorded."""
        data = await self._store.get(artifact_path(execution_uid, RECORD))
        found: Resource | None = None if data is None else json.loads(data)
        return found


def is_final(resource: Resource) -> bool:
    """Tell whether an execution has ended."""
    return (resource.get("status") or {}).get("phase") in FINAL
