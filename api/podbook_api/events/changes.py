"""Tells whoever listens of each execution that is new, or in another phase."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from podbook_api.state.execution_index import Line
from podbook_crds.log.events import Event, EventType

# A listener that is so far behind reads its list anew.
_WAITING: Final = 1000


@dataclass(eq=False)
class _Listener:
    waiting: deque[Line] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_behind: bool = False

    def hear(self, line: Line) -> None:
        """Keep a change until it is asked for."""
        self.is_behind = self.is_behind or len(self.waiting) >= _WAITING
        if not self.is_behind:
            self.waiting.append(line)
        self.woken.set()


class Changes:
    """The changes of all executions, from the watch; nothing of them is kept."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()

    def tell(self, line: Line) -> None:
        """Tell of an execution that is new, or in another phase than before."""
        for listener in self._listeners:
            listener.hear(line)

    def stop(self) -> None:
        """Let every listener end: the process is about to."""
        for listener in self._listeners:
            listener.is_behind = True
            listener.woken.set()

    async def follow(self, *, seconds: float) -> AsyncIterator[Line | None]:
        """Yield each change from now on, None after so many quiet seconds.

        Ends where the listener is too far behind to be told every one.
        """
        listener = _Listener()
        self._listeners.add(listener)
        try:
            while not listener.is_behind:
                listener.woken.clear()
                while listener.waiting:
                    yield listener.waiting.popleft()
                try:
                    await asyncio.wait_for(listener.woken.wait(), seconds)
                except TimeoutError:
                    yield None
        finally:
            self._listeners.discard(listener)


def event_of(line: Line) -> Event:
    """Return a change as it is told."""
    told = {"execution": line.name, "notebook": line.notebook_id, "phase": line.phase.value}
    return {"type": EventType.PHASE, **told, "reason": line.reason, "message": line.message}
