"""Removes what a cluster leaves on the machine: containers, cgroups, namespaces, files."""

import json
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from tests.cluster import cgroups, commands, network, place

_CNI_RESULTS = Path("/var/lib/cni/results")
_NETWORK_NAMESPACES = Path("/run/netns")
# The kubelet has these folders' names built in.
_CONTAINER_LINKS = Path("/var/log/containers")
_KUBELET_FIXED = Path("/var/lib/kubelet")


def sweep() -> None:
    """Remove everything of an earlier cluster; what is not there is no error."""
    commands.until(_nothing_runs, "containers ended", seconds=30)
    cgroups.remove()
    _remove_network_namespaces()
    network.lift()
    _unmount()
    _remove_files()


def found() -> list[str]:
    """Name what a cluster has left, for the test that nothing is."""
    routes = commands.run("ip", "route", "show").splitlines()
    return [
        *_our_mounts(),
        *(link for link in commands.run("ip", "-brief", "link").splitlines() if "podbook" in link),
        *(route for route in routes if "198.18." in route or "198.19." in route),
        *(line for line in commands.run("nft", "list", "tables").splitlines() if "kube" in line),
        *map(str, cgroups.folders()),
        *map(str, _our_network_namespaces()),
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


def _our_network_namespaces() -> list[Path]:
    """Read from the results of the pod network's plugin which namespaces belong to it."""
    names = set()
    for file in _cni_results():
        interfaces = json.loads(file.read_text()).get("result", {}).get("interfaces", [])
        names |= {
            Path(interface["sandbox"]).name for interface in interfaces if "sandbox" in interface
        }
    return [_NETWORK_NAMESPACES / name for name in names if (_NETWORK_NAMESPACES / name).exists()]


def _cni_results() -> list[Path]:
    return list(_CNI_RESULTS.glob(f"{place.POD_NETWORK}-*"))


def _remove_network_namespaces() -> None:
    for namespace in _our_network_namespaces():
        commands.succeeds("umount", "-l", namespace)
        namespace.unlink(missing_ok=True)
    for file in _cni_results():
        file.unlink()


def _unmount() -> None:
    for point in reversed(_our_mounts()):
        commands.succeeds("umount", "-l", point)


def _our_mounts() -> list[str]:
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [point for point in points if point.startswith(f"{place.STATE}/")]


def _remove_files() -> None:
    if place.STATE.exists():
        shutil.rmtree(place.STATE)
    if _CONTAINER_LINKS.is_dir():
        for link in _CONTAINER_LINKS.iterdir():
            if link.is_symlink() and str(place.STATE) in str(link.readlink()):
                link.unlink()
    with suppress(OSError):  # another kubelet's folder is not empty
        (_KUBELET_FIXED / "device-plugins").rmdir()
        _KUBELET_FIXED.rmdir()
