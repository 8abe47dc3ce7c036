"""One execution as somebody follows it: read again only when it has changed."""

import asyncio
from types import TracebackType
from typing import Self

from podbook_api.state.executions import Executions
from podbook_crds.resources.execution import Execution


class Followed:
    """The execution of that name; what changes between two looks is never missed."""

    def __init__(self, executions: Executions, name: str) -> None:
        self._executions = executions
        self._name = name
        self._execution: Execution | None = None
        # Asked for before each reading, so that no change falls between the two.
        self.changed: asyncio.Future[None] = executions.next_change(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.changed.cancel()

    @property
    def is_stopping(self) -> bool:
        """Whether this process is about to end, and nobody is to wait any more."""
        return self._executions.is_stopping

    async def now(self) -> Execution:
        """Return the execution as it is; raises UnknownExecution where it is gone."""
        if self._execution is None or self.changed.done():
            self.changed.cancel()
            self.changed = self._executions.next_change(self._name)
            self._execution = await self._executions.find(self._name)
        return self._execution

    async def wait(self, seconds: float) -> None:
        """Return as soon as it has changed, or the time is over."""
        await asyncio.wait({self.changed}, timeout=seconds)
