"""Replays a log: from events to the notebook that they tell of; pure, and without limits.

The promise: the log of any run, also of one that was killed at any moment, gives the outputs of the
notebook that is stored at its end. Limits are kept where events are made, never here.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from podbook_crds.log.events import Event, EventType

Notebook = dict[str, Any]


class Replay:
    """A notebook that takes in one event after the other, in their order."""

    def __init__(self) -> None:
        # None before the first event that brings one.
        self.notebook: Notebook | None = None
        self.to_run: list[int] = []
        # The cell that runs, and how each one ended that did: its status and its seconds.
        self.running: int | None = None
        # When that began, by the clock of where it runs; None where it was not told.
        self.since: str | None = None
        self.finished: dict[int, tuple[str, float]] = {}

    def take(self, event: Event) -> None:
        """Take in the next event; one of a type that is not known changes nothing."""
        kind = event["type"]
        if kind == EventType.PLANNED:
            self._plan(event)
        elif self.notebook is not None and (change := _CHANGES.get(kind)) is not None:
            change(self, event)

    def outputs(self, cell: int) -> list[Any]:
        """Return the outputs of a cell; raises LookupError where the notebook has no such cell."""
        if self.notebook is None or cell < 0:
            raise LookupError(f"there is no cell {cell}")
        outputs: list[Any] = self.notebook["cells"][cell].setdefault("outputs", [])
        return outputs

    def _plan(self, event: Event) -> None:
        self.notebook = deepcopy(event["notebook"])
        self.to_run = list(event["toRun"])
        self.running, self.since = event["running"], event.get("since")
        self.finished = {int(cell): (end[0], end[1]) for cell, end in event["finished"].items()}

    def _start(self, event: Event) -> None:
        self.outputs(event["cell"]).clear()
        self.running, self.since = event["cell"], event.get("time")

    def _finish(self, event: Event) -> None:
        cell = event["cell"]
        self.finished[cell] = event["status"], event["seconds"]
        self.running = None
        if self.notebook is not None and "executionCount" in event:
            self.notebook["cells"][cell]["execution_count"] = event["executionCount"]

    def _splice_stream(self, event: Event) -> None:
        output = self.outputs(event["cell"])[event["output"]]
        at, text = event["at"], output["text"]
        output["text"] = text[:at] + event["text"] + text[at + event["remove"] :]

    def _splice_outputs(self, event: Event) -> None:
        at = event["at"]
        self.outputs(event["cell"])[at : at + event["remove"]] = deepcopy(event["outputs"])

    def _change_metadata(self, event: Event) -> None:
        if self.notebook is not None:
            self.notebook["metadata"] = deepcopy(event["metadata"])


_CHANGES = {
    EventType.CELL_STARTED: Replay._start,
    EventType.CELL_FINISHED: Replay._finish,
    EventType.STREAM: Replay._splice_stream,
    EventType.OUTPUTS: Replay._splice_outputs,
    EventType.METADATA: Replay._change_metadata,
}


def replay(events: Iterable[Event]) -> Notebook | None:
    """Return the notebook that events lead to; None where none of them brings one."""
    told = Replay()
    for event in events:
        told.take(event)
    return told.notebook
