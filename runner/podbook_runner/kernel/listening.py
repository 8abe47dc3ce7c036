"""Waits until the kernel listens: a claim says that user code may have run from then on."""

import json
import logging
import select
import socket
from pathlib import Path
from typing import Final

from podbook_runner.stops import Stops

_log = logging.getLogger(__name__)

# Seconds between two looks. There is no event to wait for that every system has.
LOOK_AGAIN_SECONDS: Final = 0.01


class NoKernel(Exception):
    """The run was ended from outside before there was a kernel."""


def wait_for_kernel(connection_file: Path, stops: Stops) -> None:
    """Return as soon as the kernel has bound its socket; raises NoKernel where that is too late.

    There is no bound of its own: how long a pod may take to start is the operator's to judge.
    """
    path = _socket_path(connection_file)
    _log.info("waiting for the kernel")
    while not path.exists():
        if stops.reason() is not None:
            raise NoKernel("stopped before the kernel was there")
        select.select([stops.descriptor], [], [], LOOK_AGAIN_SECONDS)


def has_left(connection_file: Path) -> bool:
    """Whether nobody listens on the kernel's socket any more: it was there, and has ended.

    zmq tells of the end of a connection, not of one that never came about.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.setblocking(False)
        try:
            knocking.connect(str(_socket_path(connection_file)))
        except (ConnectionRefusedError, FileNotFoundError):
            return True
        except OSError:
            return False  # many wait already: there is somebody to wait for
    return False


def _socket_path(connection_file: Path) -> Path:
    connection = json.loads(connection_file.read_text())
    return Path(f"{connection['ip']}-{connection['shell_port']}")
