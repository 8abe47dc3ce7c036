"""Ends the containers of a pod: politely where that is understood, by force when time is up."""

import asyncio
import signal
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Final

from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.container.containers import Container

_AFTER_KILL_SECONDS: Final = 0.1


class Ending:
    """The end of one pod's containers, once it has been asked for.

    A container's first process has pid 1 in a real pod, where SIGTERM without a handler is
    ignored: a kernel lives on while its runner, which handles SIGTERM, saves what there is.
    Here such a process would die at once, so it is spared until those with a handler are through.
    Unlike a real kubelet this doesn't sit out the rest of the grace period then.
    """

    def __init__(self, running: Callable[[], Collection[Container]]) -> None:
        self._running = running
        self._kill_at: float | None = None
        self._asked = asyncio.Event()
        self._sooner = asyncio.Event()

    @property
    def is_asked(self) -> bool:
        """Whether the end was asked for."""
        return self._kill_at is not None

    def ask(self, grace_seconds: float) -> None:
        """Ask for the end within a time; asking again can only make it sooner."""
        at = asyncio.get_running_loop().time() + grace_seconds
        if self._kill_at is None or at < self._kill_at:
            self._kill_at = at
            self._asked.set()
            self._sooner.set()

    async def asked(self, *, within_seconds: float) -> None:
        """Wait for a time, or until the end is asked for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), within_seconds)

    async def run(self) -> None:
        """Wait to be asked, then end all that runs."""
        await self._asked.wait()
        told: set[int] = set()
        while running := self._running():
            self._sooner.clear()
            await self._news(running, within_seconds=self._signal(running, told))

    async def _news(self, running: Collection[Container], *, within_seconds: float) -> None:
        sooner = asyncio.create_task(self._sooner.wait())
        waited: set[asyncio.Future[Any]] = {sooner, *(each.ended for each in running)}
        try:
            await asyncio.wait(waited, timeout=within_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sooner.cancel()

    def _signal(self, running: Collection[Container], told: set[int]) -> float:
        """Send what is due, return for how many seconds nothing else is."""
        left = (self._kill_at or 0) - asyncio.get_running_loop().time()
        if left <= 0:
            for container in running:
                container.kill()
            return _AFTER_KILL_SECONDS
        polite = [c for c in running if c.started.pid in told or _handles_sigterm(c)]
        for container in polite or running:
            if container.started.pid not in told:
                told.add(container.started.pid)
                container.send(signal.SIGTERM)
        return left


def _handles_sigterm(container: Container) -> bool:
    return processes.handles_sigterm(container.started.pid)
