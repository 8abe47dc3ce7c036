"""Ends the process groups that it was told of when the one who told it is gone.

Run as `python -I -S guardian.py` with a pipe as stdin: a line `+123` adds process group 123, a
line `-123` removes it, the end of the pipe is the end of the supervisor, even by kill -9.
Standard library only, and little of it: it stands beside every `podbook up`. A pipe does on
macOS too what PR_SET_PDEATHSIG does on Linux alone.
"""

import os
import signal
import sys
import time

_GRACE_SECONDS = 1.5
_STEP_SECONDS = 0.02


def main() -> None:
    """Read until the pipe ends, then end what is still listed."""
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[0], int(line[1:])
        if sign == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end(groups)


def end(groups: set[int]) -> None:
    """Ask the groups to end, then make them."""
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    deadline = time.monotonic() + _GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(_STEP_SECONDS)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send the signal; return whether there was anyone to get it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS, where only zombies are left in the group
        return False
    return True


if __name__ == "__main__":
    main()
