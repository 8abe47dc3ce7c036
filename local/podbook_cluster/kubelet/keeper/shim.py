"""The parent of one container's main process, as a container runtime has it: a shim.

A process can end its parent. The shim is the container's alone, so that whoever does it ends
nothing of others; the keeper, which is the parent of all shims, is no process that it knows of.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from podbook_cluster.kubelet.container import processes

_REACHABLE: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD)
_BROKEN: Final = 255


def stand_between(tell: int, *, enter: Callable[[], None] | None) -> None:
    """Fork between a fork and its exec: return in the new process, wait for it in the old one.

    The new one, in a session of its own, has written its number to `tell`, before it is anything
    that could end its parent. The old one ends with its exit code; a signal is 128 + its number.
    """
    processes.die_with_parent()
    # What was ignored where `podbook up` was started (as by nohup) is not ignored here, and what
    # the keeper does about a signal is not done.
    signal.set_wakeup_fd(-1)
    for signum in _REACHABLE:
        signal.signal(signum, signal.SIG_DFL)
    if child := os.fork():
        _wait(child)
    os.setsid()
    processes.die_with_parent()
    os.write(tell, str(os.getpid()).encode())
    if enter:
        enter()


def exit_code(status: int) -> int:
    """Return the code of a wait status, as a container runtime tells it."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _wait(child: int) -> None:
    code = _BROKEN
    try:
        # Whoever reads the container's output, or waits for its exec, waits for no copy of ours.
        for name in os.listdir("/dev/fd"):
            with suppress(OSError):
                os.close(int(name))
        code = exit_code(os.waitpid(child, 0)[1])
    finally:
        os._exit(code)
