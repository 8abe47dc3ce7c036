"""Removes what a cluster leaves on the machine: containers, cgroups, network, mounts, files."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.cluster import cgroups, commands, network, place

_PATIENCE_SECONDS = 120


def sweep() -> None:
    """Remove everything of an earlier cluster; what is not there is no error."""
    commands.until(_nothing_runs, "containers ended", seconds=_PATIENCE_SECONDS)
    cgroups.remove()
    network.lift()
    commands.until(_nothing_is_mounted, "volumes unmounted", seconds=_PATIENCE_SECONDS)
    # The images alone are a hundred thousand files: this is faster than shutil.
    commands.run("rm", "-rf", "--one-file-system", place.STATE)


def found() -> list[str]:
    """Name what a cluster has left, for the test that nothing is."""
    links = commands.run("ip", "-brief", "link").splitlines()
    routes = commands.run("ip", "route", "show").splitlines()
    tables = commands.run("nft", "list", "ruleset").splitlines()
    return [
        *_mounts(),
        *(link for link in links if "podbook" in link),
        *(route for route in routes if "198.18." in route or "198.19." in route),
        *(line for line in tables if "kube" in line.lower()),
        *map(str, cgroups.folders()),
        *(f"process {pid}" for pid in _shims()),
        *([str(place.STATE)] if place.STATE.exists() else []),
    ]


def _nothing_runs() -> bool:
    """Kill what runs in the cluster's cgroups and the shims above it; say whether nothing did."""
    alive = {*_shims(), *cgroups.contained()}
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not alive


def _shims() -> list[int]:
    """Find containerd's shims by the socket of our containerd on their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if "containerd-shim" in words[0] and str(place.CONTAINERD_SOCKET) in words:
                    found.append(int(folder.name))
    return found


def _nothing_is_mounted() -> bool:
    for point in reversed(_mounts()):
        commands.succeeds("umount", "--lazy", point)
    return not _mounts()


def _mounts() -> list[str]:
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [point for point in points if point.startswith(f"{place.STATE}/")]
