"""What the machine must bring, and the distribution's packages that are installed when missing."""

import os
import platform
import shutil

from tests.cluster import commands

# Program that proves it is there -> the Debian package that brings it.
PACKAGES = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "nft": "nftables",
    "conntrack": "conntrack",
    "iptables": "iptables",
    "openssl": "openssl",
    "unshare": "util-linux",
}
# Where its own instructions put it, on the PATH or not.
_GO = "/usr/local/go/bin/go"


class MachineLacks(Exception):
    """The machine can't run the cluster; the message is one sentence for a person."""


def require() -> None:
    """Raise `MachineLacks` unless a cluster can be built and started here."""
    if platform.system() != "Linux":
        raise MachineLacks("The test cluster needs Linux.")
    if os.geteuid() != 0:
        raise MachineLacks("The test cluster needs root: it makes bridges, mounts and cgroups.")
    go()


def go() -> str:
    """Return the Go command; raise `MachineLacks` where there is none."""
    found = shutil.which("go") or shutil.which(_GO)
    if found is None:
        raise MachineLacks("The test cluster needs Go: it builds Kubernetes from source.")
    return found


def install_packages() -> None:
    """Install the distribution's packages that are not there yet."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise MachineLacks(f"The test cluster needs {', '.join(missing)}: please install them.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
    commands.run(*apt, "update", env=quiet)
    commands.run(*apt, "install", "--no-install-recommends", *missing, env=quiet)
