"""Reads what is large in processes that can be ended: a thread would keep Python's lock meanwhile.

To read JSON, or the source of a cell, is one call that nothing interrupts, and takes as long as
whoever wrote it likes.
"""

from collections.abc import Callable
from typing import Any, Final

from podbook_api.http.large_bodies import AT_ONCE
from podbook_crds.bounded_processes.pool import Full, Pool, TooLong
from podbook_crds.bounded_processes.process import Ended, Refused
from podbook_crds.bounded_processes.serving import Refusal
from podbook_crds.errors import Busy

# A function of a module, not of another: a process finds it by its name. It says by Refusal why
# there is no answer.
Work = Callable[[dict[str, Any], list[bytes]], bytes]

_MODULE: Final = "podbook_api.http.reading.worker"
_PROCESSES: Final = 2
_SECONDS: Final = 30
_MEMORY: Final = 2 * 1024**3
_PATIENCE: Final = 20


class Unreadable(Exception):
    """There is no answer, or none in bounds; the message says why."""


class Reader:
    """A few bounded processes, started at need."""

    def __init__(
        self,
        *,
        processes: int = _PROCESSES,
        seconds: int = _SECONDS,
        memory: int = _MEMORY,
        patience: float = _PATIENCE,
    ) -> None:
        self._pool = Pool(
            _MODULE, processes=processes, seconds=seconds, memory=memory, patience=patience
        )

    async def ask(
        self, work: Work, said: dict[str, Any], *parts: bytes, at_once: int = AT_ONCE
    ) -> bytes:
        """Return what the work makes of the parts; raise Unreadable, or Busy.

        at_once is how many bytes take so little that they are read where they are.
        """
        if sum(map(len, parts)) <= at_once:
            return _at_once(work, said, list(parts))
        named = {**said, "work": f"{work.__module__}:{work.__qualname__}"}
        try:
            return await self._pool.ask(named, *parts)
        except (Refused, Ended, TooLong) as error:
            raise Unreadable(str(error)) from error
        except (Full, OSError) as error:
            raise Busy("too much is being read; try again in a few seconds") from error

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()


def _at_once(work: Work, said: dict[str, Any], parts: list[bytes]) -> bytes:
    try:
        return work(said, parts)
    except Refusal as refusal:
        raise Unreadable(str(refusal)) from refusal
    except RecursionError as error:
        raise Unreadable("it is nested too deeply") from error
