"""A few bounded processes of one kind, started at need, each ended where it takes too long."""

import asyncio
from typing import Any

from podbook_crds.bounded_processes.process import Part, Process


class TooLong(Exception):
    """The process was ended: the answer took longer than it may."""


class Full(Exception):
    """No process was free in time."""


class Pool:
    """Processes that answer one request each at a time; waiting is bounded too."""

    def __init__(
        self,
        module: str,
        *,
        processes: int,
        seconds: int,
        memory: int,
        patience: float | None,
    ) -> None:
        self._module = module
        # What one answer may take.
        self.seconds = seconds
        self._memory = memory
        self._free: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._free.put_nowait(None)
        self._all: set[Process] = set()
        # Seconds that a request waits for a process; None is as long as it takes.
        self._patience = patience

    @property
    def pids(self) -> list[int]:
        """The ids of its processes that have not ended."""
        return [process.pid for process in self._all if not process.is_over]

    async def ask(self, said: dict[str, Any], *parts: Part) -> bytes:
        """Return the answer; raise Refused, Ended, TooLong or Full."""
        process = await self._usable(await self._next())
        try:
            if process is None:
                process = await Process.start(
                    self._module, memory=self._memory, seconds=self.seconds
                )
                self._all.add(process)
            async with asyncio.timeout(self.seconds):
                return await process.ask(said, *parts)
        except TimeoutError as error:
            raise TooLong(f"it takes longer than {self.seconds} s") from error
        finally:
            # First the place: whoever is cancelled while it waits for the end must not keep it.
            self._free.put_nowait(process)
            if process is not None and not process.is_idle:
                process.end()

    async def close(self) -> None:
        """End the processes."""
        for process in list(self._all):
            await process.kill()
        self._all.clear()

    async def _next(self) -> Process | None:
        try:
            async with asyncio.timeout(self._patience):
                return await self._free.get()
        except TimeoutError as error:
            raise Full(f"no process was free for {self._patience} s") from error

    async def _usable(self, process: Process | None) -> Process | None:
        """Return the process if it waits for the next request; end it otherwise."""
        if process is None or process.is_idle:
            return process
        self._all.discard(process)
        await process.kill()
        return None
