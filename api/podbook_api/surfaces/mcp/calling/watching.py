"""Waits for an execution as long as a client may, and tells it how far the run is."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from podbook_api.events.standing import Place
from podbook_api.http.reading.reader import Unreadable
from podbook_api.surfaces.mcp.answers import texts
from podbook_api.surfaces.mcp.visits import Visit
from podbook_crds.errors import PodbookError
from podbook_crds.formats.durations import spelled
from podbook_crds.log.events import EventType
from podbook_crds.resources.execution import Execution

# Most runs are over sooner, and nobody has to be told how far they are.
_AT_ONCE: Final = 1.0
_LOOK: Final = 0.5
# Of an event, and how many characters of the end of what was printed.
_LOOKED_AT: Final = ("type", "toRun", "finished", "running", "cell")
_END: Final = 4096


@dataclass
class Seen:
    """What the event log has told so far."""

    total: int = 0
    completed: int = 0
    cell: int | None = None
    line: str = ""

    def take(self, event: dict[str, Any]) -> None:
        """Take in one event."""
        kind = event.get("type")
        if kind == EventType.PLANNED:
            self.total, self.completed = len(event["toRun"]), len(event.get("finished") or {})
            self.cell = event.get("running")
        elif kind == EventType.CELL_STARTED:
            self.cell = event["cell"]
        elif kind == EventType.CELL_FINISHED:
            self.completed += 1
        elif kind == EventType.STREAM:
            self.line = next(iter(texts.last_lines(event["text"], 1, longest=200)), self.line)

    def sentence(self, execution: Execution, seconds: float) -> str:
        """Return how far it is, for people."""
        passed = spelled(seconds)
        if not self.total:
            return f"{execution.status.phase.value} · {passed}"
        place = f"cell {min(self.completed + 1, self.total)} of {self.total}"
        return f"{place} · {passed}" + (f" · {self.line}" if self.line else "")


@dataclass(frozen=True)
class Watched:
    """The execution as the wait left it, and what was seen of it meanwhile."""

    execution: Execution
    seen: Seen


async def watch(visit: Visit, name: str, *, seconds: float) -> Watched:
    """Return the execution when it ends or the time is over; nothing becomes of it by leaving."""
    executions, seen, begun = visit.services.executions, Seen(), monotonic()
    execution = await executions.finished(name, seconds=min(_AT_ONCE, seconds))
    async with _reading(visit, name, seen):
        telling = _Telling(visit, seen, begun)
        while not (execution.status.phase.is_final or executions.is_stopping):
            left = seconds - (monotonic() - begun)
            if left <= 0:
                break
            await telling.tell(execution)
            execution = await executions.finished(name, seconds=min(_LOOK, left))
    return Watched(execution, seen)


class _Telling:
    """What the client was told last: of each cell, and now and then that it goes on."""

    def __init__(self, visit: Visit, seen: Seen, begun: float) -> None:
        self._visit = visit
        self._seen = seen
        self._begun = begun
        self._told_at = 0.0
        self._told: tuple[int, int] | None = None
        self._progress = 0.0

    async def tell(self, execution: Execution) -> None:
        now, place = monotonic(), (self._seen.total, self._seen.completed)
        quiet = now - self._told_at
        if place == self._told and quiet < self._visit.services.settings.mcp_progress_seconds:
            return
        self._told, self._told_at = place, now
        # It has to grow each time, also where no cell ended since.
        rest = (1 - self._progress % 1) / 10
        self._progress = max(self._progress + rest, float(self._seen.completed))
        sentence = self._seen.sentence(execution, now - self._begun)
        total = float(self._seen.total) or None
        if total is not None and self._progress >= total:
            total = None
        await self._visit.tell(self._progress, total, sentence)


@contextlib.asynccontextmanager
async def _reading(visit: Visit, name: str, seen: Seen) -> AsyncIterator[None]:
    """Read the event log for the length of a `with` block."""
    reader = asyncio.create_task(_read(visit, name, seen))
    try:
        yield
    finally:
        reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reader


async def _read(visit: Visit, name: str, seen: Seen) -> None:
    # Where the log cannot be read the run goes on, and its end is told all the same.
    with contextlib.suppress(PodbookError):
        async for item in visit.services.following.follow(name, Place()):
            if not item.line:
                continue
            with contextlib.suppress(Unreadable):
                seen.take(json.loads(await visit.services.reader.ask(short, {}, item.line)))


def short(_: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return what is looked at of an event: it may hold outputs, or the whole notebook."""
    event = json.loads(parts[0])
    kept = {name: event[name] for name in _LOOKED_AT if name in event}
    if isinstance(text := event.get("text"), str):
        kept["text"] = text[-_END:]
    return json.dumps(kept).encode()
