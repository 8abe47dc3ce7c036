"""How far the cells of running executions are; never written into a resource."""

import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from cachetools import FIFOCache

from podbook_api.artifacts.store import PROGRESS, Store, artifact_path
from podbook_crds.errors import PodbookError
from podbook_crds.protocol.intake import Progress

_REMEMBERED: Final = 4096
# Returns what the log of a run's attempt says, None where there is none.
Told = Callable[[str, int], Awaitable[Progress | None]]

# Another replica may have been told of more meanwhile: for so long it is not asked for.
_FRESH_SECONDS: Final = 1.0
# The attempt of a progress that came apart from its log.
_ANY: Final = 0
_NOTHING: Final[tuple[float, int, Progress | None]] = (0.0, _ANY, None)


class ProgressBoard:
    """The progress of each running execution: as its log has it, which every replica writes.

    Runners of before tell it apart from their log: that has an object of its own in the store.
    """

    def __init__(self, store: Store, told: Told, *, now: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._told = told
        self._now = now
        self._known: FIFOCache[str, tuple[float, int, Progress]] = FIFOCache(_REMEMBERED)

    def hear(self, execution_uid: str, attempt: int, progress: Progress) -> None:
        """Take in what came with a batch of events: the log says it, nothing more is written."""
        self._remember(execution_uid, attempt, progress)

    async def put(self, execution_uid: str, progress: Progress) -> None:
        """Keep a progress; one that was kept here before is not written again."""
        is_known = self.known(execution_uid) == progress
        self._remember(execution_uid, _ANY, progress)
        if is_known:
            return
        path = artifact_path(execution_uid, PROGRESS)
        await self._store.put(path, progress.model_dump_json().encode())

    async def get(self, execution_uid: str, attempt: int) -> Progress | None:
        """Return the progress, at most a second old, or None where none was reported."""
        seen_at, of, known = self._known.get(execution_uid, _NOTHING)
        if known is not None and self._now() - seen_at < _FRESH_SECONDS:
            return known
        # Where the store does not answer just now, what is known here is better than nothing.
        with contextlib.suppress(PodbookError, ValueError):
            told = await self._told(execution_uid, attempt) or await self._stored(execution_uid)
            # What was heard here may not be in the log yet: cells are never taken back.
            is_behind = known is not None and of == attempt and _done(told) < _done(known)
            if told is not None and not is_behind:
                known = told
                self._remember(execution_uid, attempt, told)
        return known

    async def _stored(self, execution_uid: str) -> Progress | None:
        data = await self._store.get(artifact_path(execution_uid, PROGRESS))
        return None if data is None else Progress.model_validate_json(data)

    def known(self, execution_uid: str) -> Progress | None:
        """Return what this process was told last: nothing is asked of the store."""
        return self._known.get(execution_uid, _NOTHING)[2]

    def _remember(self, execution_uid: str, attempt: int, progress: Progress) -> None:
        self._known[execution_uid] = (self._now(), attempt, progress)


def _done(progress: Progress | None) -> int:
    return 0 if progress is None else progress.cells_completed
