"""Tells when a part that ended, and was started again, is well."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from podbook_local.supervisor.health import wait_until_well
from podbook_local.supervisor.part import Part

_LOOK_SECONDS: Final = 0.25


class Recoveries:
    """The parts that are waited for."""

    def __init__(self, parts: Iterable[Part], say: Callable[[str], None]) -> None:
        self._parts = {part.name: part for part in parts}
        self._say = say
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def await_one(self, name: str) -> None:
        """Tell once when the part is well; however often it ends until then."""
        if name not in self._waiting:
            self._waiting[name] = asyncio.create_task(self._well(name))

    def stop(self) -> None:
        """Wait for none any more."""
        for task in self._waiting.values():
            task.cancel()

    async def _well(self, name: str) -> None:
        question = self._parts[name].question
        if question is not None:
            await wait_until_well(question, every_seconds=_LOOK_SECONDS)
            self._say(f"{name} is well again")
        del self._waiting[name]
