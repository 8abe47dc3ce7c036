"""Finds the ports to listen on."""

import errno
import random
import socket
from typing import Final

from podbook_local.up.options import LOOPBACK, BadOption

# Below what systems give to outgoing connections, and to services of clusters: what is free here
# when it is chosen is so, too, when a part listens on it a second later.
_OWN: Final = range(20_000, 30_000)
_TRIES: Final = 50


def asked_for(host: str, port: int) -> int:
    """Return the port, or a free one for 0; raises BadOption where it is taken."""
    try:
        return _bound(host, port) if port else _chosen(host)
    except (UnicodeError, OSError) as error:
        if not isinstance(error, OSError) or _is_elsewhere(error):
            raise BadOption(f"--host {host} is no address of this machine") from error
        raise BadOption(
            f"{host}:{port} cannot be used ({error.strerror}); --port gives another"
        ) from error


def free(preferred: int | None = None) -> int:
    """Return the preferred port of loopback where it is free, else another that is.

    Preferred is what was used before: a kubeconfig that someone exported goes on working.
    """
    if preferred:
        try:
            return _bound(LOOPBACK, preferred)
        except OSError:
            pass
    return _chosen(LOOPBACK)


def _chosen(host: str) -> int:
    for port in random.sample(_OWN, _TRIES):
        try:
            return _bound(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return _bound(host, 0)


def _is_elsewhere(error: OSError) -> bool:
    return isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL


def _bound(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port whose last connections are still being closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        number: int = probe.getsockname()[1]
        return number
