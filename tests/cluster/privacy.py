"""Hides the folders that Kubernetes' programs insist on from the rest of the machine.

Their names are built into the kubelet, containerd and the CNI library. In the keeper's own mount
namespace each is an empty memory file system, so what is written there ends with the cluster.
"""

from pathlib import Path

from tests.cluster import commands

_BUILT_IN = (
    Path("/run/containerd"),
    Path("/run/netns"),
    Path("/var/lib/cni"),
    Path("/var/lib/kubelet"),
    Path("/var/log/containers"),
)


def begin() -> None:
    """Give this process, which is in a mount namespace of its own, its private folders."""
    # Within the namespace the kubelet's mounts have to reach the containers.
    commands.run("mount", "--make-rshared", "/")
    for folder in _BUILT_IN:
        folder.mkdir(parents=True, exist_ok=True)
        commands.run("mount", "-t", "tmpfs", "-o", "mode=0755", "podbook-cluster", folder)
