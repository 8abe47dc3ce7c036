"""One process in a group of its own, whose end can be awaited however little the system has left.

Not asyncio's own: that starts a thread for each process to wait in, and where the system has no
thread left, a process has been started that nobody knows.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Final

from podbook_cluster.kubelet.container.processes import die_with_parent

_LOOK_SECONDS: Final = 0.05


class Process:
    """A process that was started; raises OSError or SubprocessError where it cannot be."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], output: BinaryIO
    ) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            # A group of its own: Ctrl-C is for the supervisor, which stops the parts in order.
            start_new_session=True,
            # Until the guardian has heard of it, and should the guardian be killed too.
            preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509  (it takes no lock)
        )

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self._process.pid

    async def wait(self) -> int:
        """Return its exit code, once it has ended."""
        await self._told()
        while (code := self._process.poll()) is None:
            await asyncio.sleep(_LOOK_SECONDS)
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send it to the whole group, which may be gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def _told(self) -> None:
        """Wait for what the system tells of the end; return at once where it tells nothing."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except (AttributeError, OSError):  # macOS, or no descriptor is left.
            return
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(descriptor, ended.set)
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)


def _dies_with(supervisor: int) -> Callable[[], None]:
    def in_child() -> None:
        die_with_parent(signal.SIGTERM)
        if os.getppid() != supervisor:
            os._exit(1)  # It was killed before it could be waited for.

    return in_child
