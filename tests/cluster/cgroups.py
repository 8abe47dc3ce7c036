"""The cgroup below which every container of the cluster runs, in each hierarchy of the machine."""

import os
from contextlib import suppress
from pathlib import Path

from tests.cluster import commands, place

_ROOT = Path("/sys/fs/cgroup")
# A new folder of the first version's cpuset hierarchy is empty and takes no process until filled.
_INHERITED = ("cpuset.cpus", "cpuset.mems")


def make() -> None:
    """Make the folder in every hierarchy: the kubelet wants to find it."""
    for hierarchy in _hierarchies():
        folder = hierarchy / place.CGROUP
        folder.mkdir(exist_ok=True)
        for name in _INHERITED:
            if (folder / name).exists():
                (folder / name).write_text((hierarchy / name).read_text())


def contained() -> list[int]:
    """Return the pids of everything that runs in the cluster's containers."""
    pids: list[int] = []
    for folder in folders():
        with suppress(OSError):
            pids += [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]
    return pids


def folders() -> list[Path]:
    """Return every folder of the cluster in every hierarchy, the deepest first."""
    tops = [hierarchy / place.CGROUP for hierarchy in _hierarchies()]
    found = [Path(path) for top in tops for path, _, _ in os.walk(top)]
    return sorted(found, key=lambda folder: len(folder.parts), reverse=True)


def remove() -> None:
    """Remove all of them; they are empty a moment after the last process in them ended."""
    commands.until(_none_is_left, "cgroups removed", seconds=120)


def _none_is_left() -> bool:
    for folder in folders():
        with suppress(OSError):
            folder.rmdir()
    return not folders()


def _hierarchies() -> list[Path]:
    """One for the unified hierarchy alone, several where the first version is mounted."""
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [folder for folder in _ROOT.iterdir() if (folder / "cgroup.procs").exists()]
