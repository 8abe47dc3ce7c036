"""Tells the guardian which process groups live and die with this process."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

_SCRIPT = Path(__file__).with_name("guardian.py")


class Protection:
    """The guardian's pipe; its end, for whatever reason, ends everything that was listed.

    A guardian that ends while it is needed is replaced at once.
    """

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._process = _start()

    @property
    def guardian(self) -> int:
        """The guardian's process."""
        return self._process.pid

    def watch(self) -> None:
        """Replace a guardian that ends, for as long as the running event loop does."""
        loop, said = asyncio.get_running_loop(), self._process.stdout
        if said is None:
            return

        def ended() -> None:
            loop.remove_reader(said)
            self._replace()
            self.watch()

        # It never says anything: what can be read is the end.
        loop.add_reader(said, ended)

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
        if self._process.stdout:
            with contextlib.suppress(RuntimeError):  # Nothing watches, where no loop runs.
                asyncio.get_running_loop().remove_reader(self._process.stdout)
        _end(self._process)

    def _replace(self) -> None:
        _end(self._process)
        self._process = _start()
        for group in self._groups:
            self._tell(f"+{group}\n")

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            # The next guardian is told of all groups, this one too.
            with contextlib.suppress(BrokenPipeError):
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
