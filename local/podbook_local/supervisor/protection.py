"""Tells the guardian which process groups live and die with this process."""

import subprocess
import sys
from pathlib import Path

_SCRIPT = Path(__file__).with_name("guardian.py")


class Protection:
    """The guardian's pipe; its end, for whatever reason, ends everything that was listed."""

    def __init__(self) -> None:
        # -I -S: nothing of the user's environment, and up in 10 ms.
        command = [sys.executable, "-I", "-S", str(_SCRIPT)]
        # A session of its own: Ctrl-C at the terminal must not end it before the others.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def add(self, group: int) -> None:
        """Protect against outliving this process."""
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        """Forget a group that has ended: its number may be given to a stranger."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End what is still listed, and the guardian itself."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(line)
            self._process.stdin.flush()
