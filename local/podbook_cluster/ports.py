"""Finds the port to listen on: the one asked for, else that of the last run, else any."""

import socket
from typing import Final

from podbook_cluster.apiserver.storage.folders import DataFolder

LOOPBACK: Final = "127.0.0.1"

_FILE: Final = "port"
_BACKLOG: Final = 128


class PortTaken(Exception):
    """Another process listens on the port that was asked for."""


def listen(folder: DataFolder, asked: int) -> socket.socket:
    """Return a listening socket on loopback, and remember its port.

    Raises:
        PortTaken: `asked` is not free.

    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, asked or int(folder.read(_FILE) or 0)))
    except OSError as error:
        if asked:
            listener.close()
            raise PortTaken(
                f"port {asked} of {LOOPBACK} can't be used: {error.strerror}"
            ) from error
        listener.bind((LOOPBACK, 0))
    listener.listen(_BACKLOG)
    folder.write(_FILE, str(listener.getsockname()[1]))
    return listener
