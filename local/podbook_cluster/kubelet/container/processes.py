"""Knows processes: whether one still is the one it was, whom it started, how to end it.

Without /proc (macOS) what can't be known is answered with None or nothing; nothing fails.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

# In every container's environment: "<pod uid>/<container>". Processes that left their group
# are found by it.
MARK: Final = "PODBOOK_LOCAL_CONTAINER"

PROC: Final = Path("/proc")
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def start_time(pid: int) -> int | None:
    """Return when a process began, in clock ticks since boot; None if gone or unknown."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def is_running(pid: int, began: int | None) -> bool:
    """Whether this very process is still there and not merely waiting to be reaped."""
    if not PROC.joinpath("self").exists():
        return _exists(pid)
    fields = _stat(pid)
    if fields is None or fields[0] in "ZX":
        return False
    return began is None or int(fields[19]) == began


def handles_sigterm(pid: int) -> bool:
    """Whether a process has a handler of its own for SIGTERM; True where that can't be known."""
    try:
        text = PROC.joinpath(str(pid), "status").read_text()
    except OSError:
        return not PROC.joinpath("self").exists()
    mask = next((line.split()[1] for line in text.splitlines() if line.startswith("SigCgt")), "0")
    return bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)


def kill(pid: int, signum: int) -> None:
    """Send a signal to a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signum)


def kill_group(pid: int) -> None:
    """SIGKILL a process group that may be gone already."""
    # macOS answers "not permitted" for a group of which only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Return the direct children of a process, of all its threads; empty where unknown."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in PROC.joinpath(str(pid), "task").iterdir():
            found += map(int, task.joinpath("children").read_text().split())
    return found


def family(pid: int) -> Iterator[int]:
    """Yield a process and all its descendants, parents first."""
    yield pid
    for child in children(pid):
        yield from family(child)


def mark(pid: int) -> str | None:
    """Return the container a process was started in, by its environment; None if in none."""
    prefix = f"{MARK}=".encode()
    try:
        environ = PROC.joinpath(str(pid), "environ").read_bytes()
    except OSError:
        return None
    found = (entry for entry in environ.split(b"\0") if entry.startswith(prefix))
    return next((entry[len(prefix) :].decode() for entry in found), None)


def marked() -> dict[int, str]:
    """Return every process on this machine that was started in some container."""
    try:
        pids = [int(entry) for entry in os.listdir(PROC) if entry.isdigit()]
    except OSError:
        return {}
    return {pid: name for pid in pids if (name := mark(pid))}


def kill_marked(containers: Collection[str]) -> None:
    """SIGKILL all that was started in some containers."""
    for pid, name in marked().items():
        if name in containers:
            kill(pid, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parents end (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Ask for a signal when the parent ends (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third, the state, on."""
    try:
        text = PROC.joinpath(str(pid), "stat").read_text(errors="replace")
    except OSError:
        return None
    # The second field is the name in brackets and may itself hold brackets and spaces.
    return text.rpartition(")")[2].split()
