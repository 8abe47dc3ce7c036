"""One process of `podbook up`: started, started again when it ends, stopped."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from podbook_cluster.kubelet.container.processes import die_with_parent
from podbook_local.supervisor.backoff import WELL_SECONDS, wait_seconds
from podbook_local.supervisor.protection import Protection

_LAST_WORDS_BYTES: Final = 4096
_LAST_WORDS_LINES: Final = 12
# A log that has grown beyond this starts anew; the old one is kept beside it.
_LOG_LIMIT: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """What to run."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """One end of a part: how, how often in a row, and what it said last."""

    name: str
    returncode: int
    in_a_row: int
    again_in_seconds: float
    last_words: str

    @property
    def how(self) -> str:
        """In words: the signal that ended it, or an exit code with the last that it said."""
        if self.returncode < 0:
            return signal.Signals(-self.returncode).name
        said = self.last_words.rpartition("\n")[2] if self.returncode else ""
        return f"exit code {self.returncode}: {said}" if said else f"exit code {self.returncode}"


class Keeper:
    """Keeps a part running until it is stopped."""

    def __init__(
        self, part: Part, protection: Protection, *, ended: Callable[[Ended], None]
    ) -> None:
        self._part = part
        self._protection = protection
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process that runs now, or None between two of them."""
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Start the part, and start it again with growing pauses whenever it ends."""
        in_a_row = 0
        while True:
            started = time.monotonic()
            returncode, last_words = await self._live_once()
            in_a_row = 1 if time.monotonic() - started > WELL_SECONDS else in_a_row + 1
            pause = wait_seconds(in_a_row)
            self._ended(Ended(self._part.name, returncode, in_a_row, pause, last_words))
            await asyncio.sleep(pause)

    def stop(self) -> None:
        """Ask the process to end; whoever awaits run() cancels it afterwards."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and its whole group now."""
        self._signal(signal.SIGKILL)

    async def wait_ended(self) -> None:
        """Return when the process that runs now has ended."""
        if self._process is not None:
            await self._process.wait()

    def forget(self) -> None:
        """Tell the guardian that nothing of the part is left."""
        if self._process is not None:
            self._protection.remove(self._process.pid)

    async def _live_once(self) -> tuple[int, str]:
        with _open_log(self._part.log) as log:
            born_at = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *self._part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self._part.environment),
                # A group of its own: Ctrl-C is for the supervisor, which stops the parts in order.
                start_new_session=True,
                # Until the guardian has heard of it, and should the guardian be killed too.
                preexec_fn=_dies_with(os.getpid()),
            )
        process = self._process
        self._protection.add(process.pid)
        returncode = await process.wait()
        # Whatever the process left behind in its group ends with it.
        self._signal(signal.SIGKILL)
        self._protection.remove(process.pid)
        self._process = None
        return returncode, _last_words(self._part.log, born_at)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def _dies_with(supervisor: int) -> Callable[[], None]:
    def in_child() -> None:
        die_with_parent(signal.SIGTERM)
        if os.getppid() != supervisor:
            os._exit(1)  # It was killed before it could be waited for.

    return in_child


def _open_log(path: Path) -> BinaryIO:
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def _last_words(path: Path, born_at: int) -> str:
    """Return the last lines that this life of the process wrote."""
    with path.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        log.seek(max(born_at, size - _LAST_WORDS_BYTES))
        lines = log.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-_LAST_WORDS_LINES:])
