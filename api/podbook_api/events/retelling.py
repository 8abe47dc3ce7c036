"""Makes of a log the notebook that it tells of, and of a notebook the log that it did without."""

import logging
from typing import Final

from podbook_api.artifacts.store import Store
from podbook_api.events import lines, replayed
from podbook_api.events.segments import Segments
from podbook_api.http.reading.reader import Reader, Unreadable, Work
from podbook_crds.resources.execution import Execution

_log = logging.getLogger(__name__)

# Seconds that a replay waits for the process: a run's end may rest on it.
_PATIENCE: Final = 60


class Retelling:
    """Replays in a process of its own: who reads waits for no replay, and none for who reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reader = Reader(processes=1, patience=_PATIENCE)

    async def notebook(self, execution: Execution) -> bytes | None:
        """Return the notebook as far as its log tells, as an ipynb; None where there is no log."""
        for attempt in reversed(execution.status.attempts):
            if attempt.claimed_at is not None:
                segments = Segments(self._store, execution.uid, attempt.number)
                if parts := await segments.contents():
                    return await self._asked(replayed.notebook, *parts)
        return None

    async def lines(self, ipynb: bytes) -> list[bytes]:
        """Return the events that a notebook shows to have happened, as lines without numbers."""
        return list(await lines.split(await self._asked(replayed.lines, ipynb) or b""))

    async def close(self) -> None:
        """End the process."""
        await self._reader.close()

    async def _asked(self, work: Work, *parts: bytes) -> bytes | None:
        """Return the answer; None where what was written does not make one. Raises Busy."""
        try:
            # Never at once: a few bytes of a log may be told to make much of it.
            return await self._reader.ask(work, {}, *parts, at_once=0)
        except Unreadable as error:
            _log.warning("a run cannot be told again: %s: %s", work.__qualname__, error)
            return None
