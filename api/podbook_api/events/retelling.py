"""Makes of a log the notebook that it tells of, and of a notebook the log that it did without."""

import logging
from typing import Final

from podbook_api.artifacts.store import Store
from podbook_api.events.segments import Segments
from podbook_crds.bounded_processes.pool import Full, Pool, TooLong
from podbook_crds.bounded_processes.process import Ended, Refused
from podbook_crds.errors import ClusterUnavailable
from podbook_crds.resources.execution import Execution

_log = logging.getLogger(__name__)

_SECONDS: Final = 30
_MEMORY: Final = 2 * 1024**3
# Seconds that a replay waits for the process.
_PATIENCE: Final = 60


class Retelling:
    """One bounded process that replays."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.pool = Pool(
            "podbook_api.events.worker",
            processes=1,
            seconds=_SECONDS,
            memory=_MEMORY,
            patience=_PATIENCE,
        )

    async def notebook(self, execution: Execution) -> bytes | None:
        """Return the notebook as far as its log tells, as an ipynb; None where there is no log."""
        for attempt in reversed(execution.status.attempts):
            if attempt.claimed_at is not None:
                segments = Segments(self._store, execution.uid, attempt.number)
                if parts := await segments.contents():
                    return await self._asked("notebook", *parts)
        return None

    async def lines(self, ipynb: bytes) -> list[bytes]:
        """Return the events that a notebook shows to have happened, as lines without numbers."""
        return (await self._asked("lines", ipynb) or b"").splitlines(keepends=True)

    async def close(self) -> None:
        """End the process."""
        await self.pool.close()

    async def _asked(self, wanted: str, *parts: bytes) -> bytes | None:
        """Return the answer; None where what was written does not make one."""
        try:
            return await self.pool.ask({"wanted": wanted}, *parts)
        except (Refused, Ended, TooLong) as error:
            _log.warning("a %s cannot be made of what was told: %s", wanted, error)
            return None
        except Full as error:
            raise ClusterUnavailable("too many logs are being replayed; try again") from error
