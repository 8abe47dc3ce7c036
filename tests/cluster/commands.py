"""Runs a program to its end and says what it said when it fails."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

LONGEST_SECONDS = 1800
# A build from a cold cache, beside others on the same machine.
LONGEST_BUILD_SECONDS = 4 * 3600


class CommandFailed(Exception):
    """A program ended with an error; the message holds its last words."""


class NotInTime(Exception):
    """Something waited for did not happen."""


def run(
    *argv: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    seconds: float = LONGEST_SECONDS,
) -> str:
    """Return what the program printed.

    Raise `CommandFailed` when it ends with an error, `NotInTime` when it does not end.
    """
    shown = " ".join(map(str, argv))[:300]
    try:
        done = subprocess.run(
            [str(part) for part in argv],
            cwd=cwd,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInTime(f"{shown}: not done within {seconds:.0f} s") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise CommandFailed(f"{shown}: exit {done.returncode}: {said}")
    return done.stdout


def succeeds(*argv: str | Path) -> bool:
    """Whether the program ends without an error; what it says is not of interest."""
    quiet = subprocess.run([str(part) for part in argv], capture_output=True, check=False)
    return quiet.returncode == 0


def until(holds: Callable[[], bool], what: str, *, seconds: float, every: float = 0.2) -> None:
    """Wait for a condition; raise `NotInTime`, naming it, when it does not come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise NotInTime(f"{what}: not within {seconds:.0f} s")
        time.sleep(every)
