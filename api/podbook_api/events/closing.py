"""Puts the log of what ended in order: its notebook is kept, its segments become one."""

import asyncio
import logging
from time import monotonic
from typing import Any, Final

from podbook_api.artifacts.store import Store, artifact_path
from podbook_api.events.retelling import Retelling
from podbook_api.events.segments import Segments
from podbook_crds import names
from podbook_crds.errors import PodbookError
from podbook_crds.resources.execution import Execution

_log = logging.getLogger(__name__)

# A reader may be just behind a segment that is in the joined one by now.
_KEPT_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 10.0


class Closing:
    """Sees to executions that ended; what it does twice, or two do, comes to the same."""

    def __init__(self, store: Store, retelling: Retelling) -> None:
        self._store = store
        self._retelling = retelling
        self._ended: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        # When to delete which segments of which log.
        self._joined: list[tuple[float, Segments, list[int]]] = []

    def ended(self, resource: dict[str, Any]) -> None:
        """Take in that an execution has ended."""
        self._ended.put_nowait(resource)

    async def run(self) -> None:
        """See to them until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    resource = await self._ended.get()
                await self.close(Execution.from_resource(resource))
            except TimeoutError:
                pass
            except (PodbookError, ValueError) as error:
                # What a reader asks for is made then; the rest goes with the artifacts.
                _log.warning("a log is not closed: %s", error)
            await self._delete_old()

    async def close(self, execution: Execution) -> None:
        """Keep the notebook where the run left none, then join the segments of each attempt."""
        logs = [
            Segments(self._store, execution.uid, attempt.number)
            for attempt in execution.status.attempts
            if attempt.claimed_at is not None
        ]
        if not any([await log.firsts() for log in logs]):
            return
        await self._keep_notebook(execution)
        for log in logs:
            if others := await log.join():
                self._joined.append((monotonic() + _KEPT_SECONDS, log, others))

    async def _keep_notebook(self, execution: Execution) -> None:
        path = artifact_path(execution.uid, names.NOTEBOOK_ARTIFACT)
        if await self._store.head(path) is None:
            notebook = await self._retelling.notebook(execution)
            if notebook is not None:
                # Where the runner's own came meanwhile, that one stays.
                await self._store.create(path, notebook)

    async def _delete_old(self) -> None:
        due = [joined for joined in self._joined if joined[0] <= monotonic()]
        for joined in due:
            self._joined.remove(joined)
            _, log, others = joined
            try:
                await log.drop(others)
            except PodbookError as error:
                _log.warning("segments stay: %s", error)
