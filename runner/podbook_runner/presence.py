"""Waits until the kernel listens: a claim says that user code may have run from then on."""

import json
import logging
import select
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
    connection = json.loads(connection_file.read_text())
    socket = Path(f"{connection['ip']}-{connection['shell_port']}")
    _log.info("waiting for the kernel")
    while not socket.exists():
        if stops.reason() is not None:
            raise NoKernel("stopped before the kernel was there")
        select.select([stops.descriptor], [], [], LOOK_AGAIN_SECONDS)
