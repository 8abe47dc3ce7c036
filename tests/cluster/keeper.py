"""Keeps one cluster: starts it, holds it up, and takes it down whatever ends the keeper.

The keeper is a process of its own. Whoever wants a cluster for a while holds the other end of
its standard input; when that closes, by an interrupt or a crash, the cluster goes down.
"""

import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster import (
    cgroups,
    control_plane,
    credentials,
    images,
    leftovers,
    network,
    node,
    place,
    privacy,
)
from tests.cluster.processes import Processes

_LOOK_EVERY_SECONDS = 0.5
# Begins with a zero: an abstract name, no file.
_NAME = "\0podbook-cluster"


class AlreadyRunning(Exception):
    """There is a cluster on this machine already."""


class _Told(BaseException):
    """A signal told the keeper to end."""


def keep(*, while_stdin: bool) -> None:
    """Run the cluster until a signal comes or, if asked to watch it, the standard input ends."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _told)
    with only_one():
        processes = Processes()
        try:
            leftovers.sweep()
            _start(processes)
            place.READY.touch()
            _hold(processes, while_stdin=while_stdin)
        except _Told:
            pass
        finally:
            _let_no_signal_in()
            processes.stop()
            leftovers.sweep()


def _start(processes: Processes) -> None:
    privacy.begin()
    place.STATE.mkdir(mode=0o700)
    place.KEEPER.write_text(str(os.getpid()))
    place.LOGS.mkdir()
    network.lay()
    credentials.issue()
    for program in control_plane.programs():
        processes.start(program)
    processes.start(node.runtime())
    images.bring_in()
    cgroups.make()
    for program in node.programs():
        processes.start(program)


def _hold(processes: Processes, *, while_stdin: bool) -> None:
    watched = [sys.stdin] if while_stdin else []
    while True:
        ended, _, _ = select.select(watched, [], [], _LOOK_EVERY_SECONDS)
        if ended and not sys.stdin.read(1):
            return
        processes.restart_the_dead()


def _told(number: int, _: object) -> None:
    raise _Told(number)


def _let_no_signal_in() -> None:
    """A second Ctrl-C must not leave half of it behind."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def only_one() -> Iterator[None]:
    """Be the only one of the machine, or raise `AlreadyRunning`.

    The kernel gives the name to one process at a time and takes it back by itself.
    """
    with socket.socket(socket.AF_UNIX) as held:
        try:
            held.bind(_NAME)
        except OSError as error:
            raise AlreadyRunning("A test cluster runs already: end it first.") from error
        yield
