"""Five hundred readers of a run that does nothing read it once each; no change escapes them."""

import asyncio
from typing import Any, cast

from podbook_api.events.followed import Followed
from podbook_api.state.executions import Executions
from podbook_crds.resources.execution import Execution


class Played:
    """Executions of which one changes when a test says so, or while it is read."""

    is_stopping = False

    def __init__(self) -> None:
        self.read = 0
        self.version = 1
        self.changes_while_read = 0
        self._waiting: list[asyncio.Future[None]] = []

    def next_change(self, _: str) -> asyncio.Future[None]:
        self._waiting.append(asyncio.get_running_loop().create_future())
        return self._waiting[-1]

    async def find(self, _: str) -> Execution:
        self.read += 1
        found: Any = self.version
        if self.changes_while_read:
            self.changes_while_read -= 1
            self.change()
        return cast("Execution", found)

    def change(self) -> None:
        self.version += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


async def test_an_execution_is_read_again_when_it_has_changed_and_only_then() -> None:
    played = Played()
    with Followed(cast("Executions", played), "a") as followed:
        for _ in range(3):
            assert await followed.now() == cast("Any", 1)
            await followed.wait(0.001)
        assert played.read == 1
        played.change()
        await followed.wait(60)

        assert await followed.now() == cast("Any", 2)
        assert played.read == 2


async def test_what_changes_while_it_is_read_is_seen_at_once() -> None:
    played = Played()
    played.changes_while_read = 1
    with Followed(cast("Executions", played), "a") as followed:
        assert await followed.now() == cast("Any", 1)
        await followed.wait(60)

        assert await followed.now() == cast("Any", 2)
