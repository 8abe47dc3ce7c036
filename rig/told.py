"""A run that tells of itself without a kernel, by a clock that is moved: long ones take no time."""

import json
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode, from_dict

from podbook_crds.log.replay import replay
from podbook_runner.events.outbox import Batch
from podbook_runner.events.teller import Teller


@dataclass
class Kept:
    """What an intake keeps of a log that nobody watches: a segment for each batch."""

    next_seconds: float = 5.0
    is_busy: bool = False
    segments: list[bytes] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    writes: int = 0
    sent: int = 0
    most: int = 0

    def send(self, batch: Batch) -> None:
        """Take a batch in; a snapshot takes the place of everything before it."""
        self.batches.append(batch)
        if batch.is_snapshot:
            self.segments.clear()
        self.segments.append(batch.data)
        self.writes += 1
        self.sent += len(batch.short or batch.data)
        self.most = max(self.most, self.size)

    def finish(self, *, until: Any) -> None:
        """Be done: nothing is on its way."""

    def replayed(self) -> Any:
        """Return what the log that is kept leads to."""
        return replay(json.loads(line) for data in self.segments for line in data.splitlines())

    @property
    def size(self) -> int:
        """How many bytes the log is now."""
        return sum(map(len, self.segments))


def bare(cells: int) -> NotebookNode:
    """Return a notebook of so many cells that have shown nothing yet."""
    one: dict[str, Any] = {
        "cell_type": "code",
        "source": "1",
        "metadata": {},
        "execution_count": None,
    }
    made: list[dict[str, Any]] = [
        {**one, "id": f"c{number}", "outputs": []} for number in range(cells)
    ]
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook: NotebookNode = from_dict(whole)
    return notebook


class ToldRun:
    """The cells of a notebook, which print and show what a caller says, when it says so."""

    def __init__(self, cells: int) -> None:
        self.notebook = bare(cells)
        self.kept = Kept()
        self.clock = 0.0
        self.teller = Teller(
            self.notebook,
            list(range(cells)),
            self.kept,  # type: ignore[arg-type]
            now=lambda: self.clock,
        )

    def begin(self, cell: int) -> None:
        """Begin a cell."""
        self.notebook.cells[cell].outputs = []
        self.teller.start(cell)

    def print(self, cell: int, text: str) -> None:
        """Print into a cell's one stream."""
        outputs = self.notebook.cells[cell].outputs
        if not outputs:
            stream = {"output_type": "stream", "name": "stdout", "text": ""}
            outputs.append(from_dict(stream))
        outputs[0].text += text
        self.teller.touch(cell)

    def redraw(self, cell: int, text: str) -> None:
        """Let a cell's one stream show another text, as a bar does."""
        self.print(cell, "")
        self.notebook.cells[cell].outputs[0].text = text

    def show(self, cell: int, output: dict[str, Any]) -> None:
        """Show one more output in a cell."""
        self.notebook.cells[cell].outputs.append(from_dict(output))
        self.teller.touch(cell)

    def end(self, cell: int) -> None:
        """End a cell."""
        self.notebook.cells[cell].execution_count = cell + 1
        self.teller.finish(cell, status="ok", seconds=0.1, count=cell + 1)

    def passes(self, seconds: float) -> None:
        """Let time pass, and what is due then be told."""
        self.clock += seconds
        self.teller.tell_if_due(lambda: None)

    def replayed(self) -> Any:
        """Return what the log that is kept leads to."""
        return self.kept.replayed()
