"""Keeps one cluster: starts it, holds it up, and takes it down whatever ends the keeper.

The keeper is a process of its own. Whoever wants a cluster for a while holds the other end of
its standard input; when that closes, by an interrupt or a crash, the cluster goes down.
"""

import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.cluster import (
    cgroups,
    commands,
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

# Tells a keeper to live as long as its standard input.
WHILE_STDIN = "--while-stdin"

_LOOK_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 300
_TURN_SECONDS = 1800
_END_IT = "A test cluster runs here already; end it with: make cluster-down"
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
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as held:
        try:
            held.bind(_NAME)
        except OSError as error:
            raise AlreadyRunning(_END_IT) from error
        yield


def is_running() -> bool:
    """Tell whether some process of this machine is the one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
        return caller.connect_ex(_NAME) == 0


def require_none() -> None:
    """Raise `AlreadyRunning` where a cluster runs."""
    if is_running():
        raise AlreadyRunning(_END_IT)


def is_left_up() -> bool:
    """Tell whether the running cluster stays until someone ends it."""
    with suppress(OSError):
        words = Path(f"/proc/{place.KEEPER.read_text()}/cmdline").read_bytes().split(b"\0")
        return b"keep" in words and WHILE_STDIN.encode() not in words
    return False


def wait_for_turn(*, may_end_it: bool, say: Callable[[str], None]) -> None:
    """Wait for the suite that runs on this machine; raise `AlreadyRunning` where none would end."""
    if not is_running():
        return
    if is_left_up():
        if not may_end_it:
            require_none()
        say("Ending the test cluster that was left running here.")
        end()
        return
    say("A test cluster runs here already: waiting for its end.")
    commands.until(lambda: not is_running(), "its end", seconds=_TURN_SECONDS)


def end() -> None:
    """End the running cluster and wait until nothing of it is left."""
    commands.until(place.KEEPER.exists, "the cluster known", seconds=_PATIENCE_SECONDS)
    os.kill(int(place.KEEPER.read_text()), signal.SIGTERM)
    commands.until(lambda: not is_running(), "the cluster stopped", seconds=_PATIENCE_SECONDS)
