"""Tells the guardian which process groups live and die with this process."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

from podbook_local.supervisor.backoff import wait_seconds

_SCRIPT = Path(__file__).with_name("guardian.py")


class Protection:
    """The guardian's pipe; its end, for whatever reason, ends everything that was listed.

    A guardian that ends while it is needed is replaced.
    """

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._process = _start()

    @property
    def guardian(self) -> int:
        """The guardian's process."""
        return self._process.pid

    async def watch(self) -> None:
        """Replace a guardian that ends, until cancelled."""
        while True:
            await self._ended()
            await self._replace()

    def add(self, group: int) -> None:
        """Protect against outliving this process."""
        self._groups.add(group)
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        """Forget a group that has ended: its number may be given to a stranger."""
        self._groups.discard(group)
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End what is still listed, and the guardian itself."""
        _end(self._process)

    async def _ended(self) -> None:
        """Wait for the guardian's end: it never says anything, so what can be read is that."""
        said, loop = self._process.stdout, asyncio.get_running_loop()
        if said is None:
            return
        ended = asyncio.Event()
        loop.add_reader(said, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(said)

    async def _replace(self) -> None:
        """Start another one; where the system has no room for it just now, a little later."""
        _end(self._process)
        tries = 0
        while True:
            try:
                self._process = _start()
            except OSError:
                # The parts themselves ask the system to be ended with this process, too.
                tries += 1
                await asyncio.sleep(wait_seconds(tries))
            else:
                break
        for group in self._groups:
            self._tell(f"+{group}\n")

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            # The next guardian is told of all groups, this one too.
            with contextlib.suppress(BrokenPipeError, ValueError):
                self._process.stdin.write(line)
                self._process.stdin.flush()


def _start() -> "subprocess.Popen[str]":
    # -I -S: nothing of the user's environment, and up in 10 ms.
    command = [sys.executable, "-I", "-S", str(_SCRIPT)]
    # A session of its own: Ctrl-C at the terminal must not end it before the others.
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _end(process: "subprocess.Popen[str]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            # What could not be written to one that is gone is not missed.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait()
