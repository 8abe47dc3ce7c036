"""One process of `podbook up`: started, started again when it ends or hangs, stopped."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from podbook_local.supervisor.backoff import WELL_SECONDS, wait_seconds
from podbook_local.supervisor.health import Question, wait_until_unwell
from podbook_local.supervisor.log import last_words, open_log
from podbook_local.supervisor.process import Process
from podbook_local.supervisor.protection import Protection


@dataclass(frozen=True, slots=True)
class Part:
    """What to run, and where it is asked whether it is well."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """One end of a part: how, how often in a row, and what it said last."""

    name: str
    # "ended", or what kept it from living, and the cause.
    what: str
    how: str
    in_a_row: int
    again_in_seconds: float
    last_words: str


class Keeper:
    """Keeps a part running until it is stopped."""

    def __init__(
        self, part: Part, protection: Protection, *, ended: Callable[[Ended], None]
    ) -> None:
        self._part = part
        self._protection = protection
        self._ended = ended
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process that runs now, or None between two of them."""
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Start the part, and start it again with growing pauses whenever it ends."""
        in_a_row = 0
        while True:
            started = time.monotonic()
            what, how, said = await self._live_once()
            in_a_row = 1 if time.monotonic() - started > WELL_SECONDS else in_a_row + 1
            pause = wait_seconds(in_a_row)
            self._ended(Ended(self._part.name, what, how, in_a_row, pause, said))
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

    async def _live_once(self) -> tuple[str, str, str]:
        """Return what became of the part, how, and its own last words."""
        try:
            with open_log(self._part.log) as log:
                born_at = log.tell()
                process = Process(
                    self._part.command, environment=self._part.environment, output=log
                )
        except (OSError, subprocess.SubprocessError) as error:
            # No descriptor, process or room left, a file system that went read-only: it may pass.
            return "could not be started", str(error), ""
        self._process = process
        self._protection.add(process.pid)
        unwell, returncode = await self._lived(process)
        # Whatever the process left behind in its group ends with it.
        process.signal(signal.SIGKILL)
        self._protection.remove(process.pid)
        self._process = None
        said = last_words(self._part.log, born_at)
        if unwell:
            return "hung and was killed", unwell, said
        return "ended", _how(returncode, said), said

    async def _lived(self, process: Process) -> tuple[str, int]:
        """Wait for the end; hasten it where the part hangs, and return why."""
        end = asyncio.ensure_future(process.wait())
        sick = asyncio.ensure_future(self._unwell())
        try:
            await asyncio.wait({end, sick}, return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                return "", end.result()
            why = sick.result()
            process.signal(signal.SIGKILL)
            return why, await end
        finally:
            for task in (end, sick):
                task.cancel()

    async def _unwell(self) -> str:
        if self._part.question is None:
            await asyncio.Future()
            return ""
        return await wait_until_unwell(self._part.question)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.signal(number)


def _how(returncode: int, said: str) -> str:
    """Return the signal that ended a process, or its exit code with the last that it said."""
    if returncode < 0:
        numbers = {number.value: number.name for number in signal.Signals}
        return numbers.get(-returncode, f"signal {-returncode}")
    last = said.rpartition("\n")[2] if returncode else ""
    return f"exit code {returncode}: {last}" if last else f"exit code {returncode}"
