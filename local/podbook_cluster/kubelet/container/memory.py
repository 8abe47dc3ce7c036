"""Keeps a container within its memory limit: by a cgroup where one may be made, else by watching.

Nothing of this is used unless memory limits are switched on.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

from podbook_cluster.kubelet.container import processes

# Watching sees what is resident every so often: a short burst over the limit may pass.
WATCH_SECONDS: Final = 0.1
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_CGROUPS: Final = Path("/sys/fs/cgroup")


class Cgroup:
    """A cgroup v2 folder with a memory limit, for one container."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        folder.mkdir()
        self._folder = folder
        folder.joinpath("memory.max").write_text(str(limit))
        # Without this the kernel would swap instead of ending the container.
        with contextlib.suppress(OSError):
            folder.joinpath("memory.swap.max").write_text("0")
        # As a kubelet sets it: the whole container ends, not the process that happened to be big.
        with contextlib.suppress(OSError):
            folder.joinpath("memory.oom.group").write_text("1")

    def enter(self) -> None:
        """Move the calling process in."""
        self._folder.joinpath("cgroup.procs").write_text("0")

    def exceeded(self) -> bool:
        """Whether the kernel killed something in it for want of memory."""
        with contextlib.suppress(OSError):
            events = self._folder.joinpath("memory.events").read_text().split()
            return int(dict(zip(events[::2], events[1::2], strict=True)).get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Remove it once its processes are gone; one that is still busy stays behind, empty."""
        with contextlib.suppress(OSError):
            self._folder.rmdir()


def delegated(*, own: str | None = None, mount: Path = _CGROUPS) -> Path | None:
    """Return the nearest cgroup v2 folder in which this user may make limited cgroups, or None.

    That is an ancestor of the own cgroup, whose memory controller is handed to its children.
    """
    path = _own_cgroup() if own is None else own
    if path is None:
        return None
    start = mount / path.lstrip("/")
    for folder in (start, *start.parents):
        if not folder.is_relative_to(mount):
            return None
        if _may_divide(folder):
            return folder
    return None


def exceeds(pid: int, limit: int) -> bool:
    """Whether a process and its descendants together hold more than `limit` bytes."""
    # Pages that they share count for each of them at first; only then is the dear question asked.
    return resident_bytes(pid) > limit and proportional_bytes(pid) > limit


def resident_bytes(pid: int) -> int:
    """Return the memory resident in a process and its descendants; shared pages count each time."""
    return sum(map(_resident, processes.family(pid)))


def proportional_bytes(pid: int) -> int:
    """Return the same with every shared page counted once; takes milliseconds per gigabyte."""
    return sum(map(_proportional, processes.family(pid)))


def _may_divide(folder: Path) -> bool:
    try:
        controllers = folder.joinpath("cgroup.subtree_control").read_text().split()
    except OSError:
        return False
    return "memory" in controllers and os.access(folder / "cgroup.procs", os.W_OK)


def _own_cgroup() -> str | None:
    with contextlib.suppress(OSError):
        for line in processes.PROC.joinpath("self", "cgroup").read_text().splitlines():
            if line.startswith("0::"):
                return line.removeprefix("0::")
    return None


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        text = processes.PROC.joinpath(str(pid), "smaps_rollup").read_text()
        return next(
            int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")
        )
    return _resident(pid)


def _resident(pid: int) -> int:
    try:
        return int(processes.PROC.joinpath(str(pid), "statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
