"""Serves what is below a folder over ssh, to whoever holds the key: Debian's own sshd, as root."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rig.until import eventually

_SETTINGS: Final = """\
ListenAddress {host}:{port}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
"""
# It wants a user and a folder of its own, which the machine need not have: it alone sees them.
_STARTED: Final = """\
mount -t tmpfs none /run && mkdir -m 755 /run/sshd && mount --bind "$1/passwd" /etc/passwd \
&& exec "$2" -D -e -f "$1/settings"
"""
# It, and the one library of its that a machine may not have.
_PACKAGES: Final = ("openssh-server", "libwrap0")


@dataclass(frozen=True)
class SshServer:
    """Where it is, and what a Secret holds for it."""

    url: str
    key: str
    known_hosts: str


def program(cache: Path) -> Path:
    """Return sshd: the machine's, or that of Debian's packages, unpacked below cache."""
    if found := shutil.which("sshd", path="/usr/sbin:/usr/local/sbin"):
        return Path(found)
    sshd = cache / "usr" / "sbin" / "sshd"
    if not sshd.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", *_PACKAGES], cwd=cache, check=True)
        for package in cache.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(cache)], check=True)
    return sshd


@contextmanager
def serving(folder: Path, *, host: str, sshd: Path) -> Iterator[SshServer]:
    """Answer for the length of a `with` block; paths in URLs are those of this machine."""
    with socket.create_server((host, 0)) as probe:
        port = probe.getsockname()[1]
    for name in ("host", "user"):
        words = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name)
        subprocess.run(words, check=True)
    (folder / "settings").write_text(_SETTINGS.format(host=host, port=port, folder=folder))
    own = "sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n"
    (folder / "passwd").write_text(Path("/etc/passwd").read_text() + own)
    libraries = ":".join(map(str, sshd.parents[1].glob("lib/*-*")))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", _STARTED, "sh", str(folder), str(sshd)],
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
            stderr=log,
        )
    try:
        eventually(lambda: _listens(host, port), f"sshd listens; see {folder}/log")
        host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        known = f"[{host}]:{port} {host_key}\n"
        yield SshServer(f"ssh://root@{host}:{port}", (folder / "user").read_text(), known)
    finally:
        process.terminate()
        process.wait(10)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
