"""Runs several parts side by side, and ends all of them within two seconds."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from podbook_local.supervisor.part import Ended, Keeper, Part
from podbook_local.supervisor.protection import Protection

# Podbook promises to be gone 2 s after Ctrl-C; the rest of them is for the guardian.
_GRACE_SECONDS: Final = 1.4


class Supervisor:
    """The parts of one `podbook up`."""

    def __init__(self, parts: Iterable[Part], *, ended: Callable[[Ended], None]) -> None:
        self._protection = Protection()
        self._keepers = {part.name: Keeper(part, self._protection, ended=ended) for part in parts}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, *names: str) -> None:
        """Start parts side by side: none waits for another, each retries by itself."""
        self._protection.watch()
        self._tasks += [asyncio.create_task(self._keepers[name].run()) for name in names]

    def pids(self) -> dict[str, int | None]:
        """Return the process of each part."""
        return {name: keeper.pid for name, keeper in self._keepers.items()}

    @property
    def guardian(self) -> int:
        """The process that ends all parts should this one be killed."""
        return self._protection.guardian

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
