"""What a run tells of its cells: each one that ended once, and the one that runs as it stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from podbook_cli.printing.terminal_text import first_line, plain
from podbook_cli.printing.times import parsed
from podbook_crds.formats.durations import spelled
from podbook_crds.log.events import EventType
from podbook_crds.log.replay import Replay

_WIDTH = 50


@dataclass
class ToldCells:
    """The replay of a run's events, and which of its ends were told."""

    replay: Replay = field(default_factory=Replay)
    phase: str = "Queued"
    reason: str | None = None
    _told: set[int] = field(default_factory=set)

    def take(self, event: dict[str, Any]) -> Iterator[str]:
        """Take in an event; yield a line for each cell that ended by it."""
        kind = event["type"]
        if kind in (EventType.PHASE, EventType.FINISHED):
            self.phase, self.reason = event["phase"], event["reason"]
        elif kind == EventType.ATTEMPT:
            self.replay = Replay()
            self._told.clear()
            if event["attempt"] > 1:
                yield f"attempt {event['attempt']}: the one before was lost"
        else:
            self.replay.take(event)
            yield from self._ended()

    def _ended(self) -> Iterator[str]:
        for cell, (status, seconds) in self.replay.finished.items():
            if cell not in self._told:
                self._told.add(cell)
                yield self._line(cell, status, spelled(seconds))

    def _line(self, cell: int, status: str, seconds: str) -> str:
        order = self.replay.to_run
        place = f"{order.index(cell) + 1}/{len(order)}" if cell in order else f"cell {cell}"
        line = f"{place:>7}  {status:<7} {seconds:>8}  {first_line(self.source(cell), _WIDTH)}"
        return line.rstrip()

    def running(self, seconds: float) -> str:
        """Return a line for the cell that runs; empty where none does."""
        cell = self.replay.running
        return "" if cell is None else self._line(cell, "runs", spelled(seconds))

    def seconds_of_running(self) -> float:
        """Return how long the cell runs that runs, by what the kernel's machine said of it."""
        began = parsed(self.replay.since)
        return 0.0 if began is None else max(0.0, (datetime.now(UTC) - began).total_seconds())

    def last_lines(self, count: int) -> list[str]:
        """Return the last lines that the running cell printed; a bar is one of them."""
        cell = self.replay.running
        outputs = [] if cell is None else self.replay.outputs(cell)
        texts = [o["text"] for o in outputs if o["output_type"] == "stream"]
        tail = "".join(text[-8192:] for text in texts[-count:])
        lines = [line for line in plain(tail).splitlines() if line.strip()]
        return lines[-count:]

    def source(self, cell: int) -> str:
        """Return what a cell says."""
        notebook = self.replay.notebook or {"cells": []}
        source = notebook["cells"][cell]["source"]
        return source if isinstance(source, str) else "".join(source)

    def failed(self) -> int | None:
        """Return the cell that raised."""
        failed = [c for c, (status, _) in self.replay.finished.items() if status == "error"]
        return failed[-1] if failed else None

    def traceback(self, cell: int) -> str:
        """Return what Python, or another kernel, said of its error, in its colours."""
        errors = [o for o in self.replay.outputs(cell) if o["output_type"] == "error"]
        return "\n".join(errors[-1]["traceback"]) if errors else ""
