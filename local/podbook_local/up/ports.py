"""Finds the ports to listen on."""

import socket

from podbook_local.up.options import LOOPBACK, BadOption


def asked_for(host: str, port: int) -> int:
    """Return the port, or a free one for 0; raises BadOption where it is taken."""
    if port == 0:
        return free(host=host)
    try:
        return _bound(host, port)
    except OSError as error:
        raise BadOption(
            f"{host}:{port} cannot be used ({error.strerror}); --port gives another"
        ) from error


def free(preferred: int | None = None, *, host: str = LOOPBACK) -> int:
    """Return the preferred port where it is free, else another that is.

    Preferred is what was used before: a kubeconfig that someone exported goes on working.
    """
    if preferred:
        try:
            return _bound(host, preferred)
        except OSError:
            pass
    return _bound(host, 0)


def _bound(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port whose last connections are still being closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        number: int = probe.getsockname()[1]
        return number
