"""Runs several parts side by side, and ends all of them within two seconds."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Final

from podbook_local.supervisor.part import Ended, Keeper, Part
from podbook_local.supervisor.protection import Protection

# Podbook promises to be gone 2 s after Ctrl-C; the rest of them is for the guardian.
_GRACE_SECONDS: Final = 1.4


class Supervisor:
    """The parts of one `podbook up`; raises OSError where not even the guardian can be started."""

    def __init__(self, parts: Iterable[Part], *, ended: Callable[[Ended], None]) -> None:
        self._protection = Protection()
        self._keepers = {part.name: Keeper(part, self._protection, ended=ended) for part in parts}
        self._tasks: list[asyncio.Task[None]] = []
        self._broken: asyncio.Future[None] | None = None

    def start(self, *names: str) -> None:
        """Start parts side by side: none waits for another, each retries by itself."""
        if not self._tasks:
            self._keep(self._protection.watch())
        for name in names:
            self._keep(self._keepers[name].run())

    def pids(self) -> dict[str, int | None]:
        """Return the process of each part."""
        return {name: keeper.pid for name, keeper in self._keepers.items()}

    @property
    def guardian(self) -> int:
        """The process that ends all parts should this one be killed."""
        return self._protection.guardian

    async def broken(self) -> None:
        """Wait for what must never be: raise what ended one of the supervisor's own tasks.

        Whatever a part meets is told and tried again; a mistake of ours must not go unseen.
        """
        await asyncio.shield(self._breaking())

    async def stop(self) -> None:
        """Ask every part to end, end those that do not, and leave no process."""
        waiting = [asyncio.create_task(k.wait_ended()) for k in self._keepers.values()]
        for task in self._tasks:
            # Cancelled first: a part that ends now is not to be started again.
            task.cancel()
        for keeper in self._keepers.values():
            keeper.stop()
        _, late = await asyncio.wait(waiting, timeout=_GRACE_SECONDS)
        for keeper in self._keepers.values():
            keeper.kill()
        if late:
            await asyncio.wait(late)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for keeper in self._keepers.values():
            keeper.forget()
        self._protection.close()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._breaking().done():
            self._breaking().set_exception(error)

    def _breaking(self) -> asyncio.Future[None]:
        if self._broken is None:
            self._broken = asyncio.get_running_loop().create_future()
            # Looked at by whoever waits; where nobody does any more, everything is ending.
            self._broken.add_done_callback(lambda future: future.cancelled() or future.exception())
        return self._broken
