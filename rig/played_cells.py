"""Cells whose kernel is played: its messages in, the stored notebook and the log of it out."""

import json
from contextlib import nullcontext
from copy import deepcopy
from typing import Any, Final, cast
from unittest.mock import patch

from nbformat import NotebookNode, from_dict

from podbook_runner.cells.account import Cells
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.notes import Notes
from podbook_runner.events.teller import Teller
from podbook_runner.kernel.client import Message
from podbook_runner.kernel.messages import PROBLEM
from podbook_runner.showing.screen import Screen
from rig.told import Kept, bare

_MUCH: Final = 1 << 40


class PlayedCells:
    """The runner from the kernel's messages on, by a clock that is moved."""

    def __init__(self, cells: int) -> None:
        self.notebook = bare(cells)
        self.notebook.metadata["papermill"] = {}
        self.kept = Kept()
        self.clock = 0.0
        # What the cells showed when each batch was told.
        self.shown: list[list[Any]] = []
        self.notes = Notes()
        self._text = NotebookText(self.notebook)
        to_run = list(range(cells))
        sender: Any = self.kept
        self.teller = Teller(self.notebook, to_run, sender, now=lambda: self.clock)
        self._account = Cells(self.notebook, text=self._text, teller=self.teller, prepared=())
        self._screen = Screen(
            self._account,
            client=cast("Any", None),
            text=self._text,
            notes=self.notes,
            touched=self.teller.touch,
        )
        self._account.notebook_start()
        self._running: int | None = None

    @property
    def are_left(self) -> bool:
        """Whether there is a cell that has not begun."""
        return self._next < len(self.notebook.cells)

    _next = 0

    def begin(self) -> None:
        """Begin the next cell; the one that runs ends before it."""
        self.end()
        self._running, self._next = self._next, self._next + 1
        cell = self.notebook.cells[self._running]
        self._account.cell_start(cell, self._running)
        self._screen.begin(cell, self._running)

    def end(self) -> None:
        """End the cell that runs, if one does."""
        if self._running is not None:
            self._screen.finish()
            self._account.cell_complete(self.notebook.cells[self._running], self._running)
            self._running = None

    def hear(self, kind: str, content: Any) -> None:
        """Take in what the kernel says; None for what could not be read."""
        body = {"msg_type": kind, "content": content or {}, "header": {}, "parent_header": {}}
        body |= {PROBLEM: "it is no JSON"} if content is None else {}
        self._screen.take(Message("iopub", body))

    def tell(self, *, all_again: bool = False) -> None:
        """Let time pass, and what is due then be told; all again, as after much that was told."""
        self.clock += 5.0
        with patch.object(self.teller, "_bytes", _MUCH) if all_again else nullcontext():
            self.teller.tell_if_due(self._screen.settle)
        self._note()

    def finish(self) -> bytes:
        """End the run; return its notebook as it is stored."""
        self.end()
        self._screen.set_widgets_metadata()
        self._account.notebook_complete()
        stored = self._text.render()
        self.teller.end(until=lambda: 0.0)
        self._note()
        return stored

    def as_stored(self, replayed: dict[str, Any]) -> bytes:
        """Return the stored notebook with what a replay shows in the place of what was shown."""
        notebook = deepcopy(self.notebook)
        for cell, told in zip(notebook.cells, replayed["cells"], strict=True):
            cell.outputs = from_dict(told["outputs"])
            cell.execution_count = told["execution_count"]
        notebook.metadata = from_dict(replayed["metadata"])
        return NotebookText(notebook).render()

    def _note(self) -> None:
        if len(self.kept.batches) > len(self.shown):
            self._screen.settle()
            self.shown.append(outputs_of(self.notebook))


def outputs_of(notebook: dict[str, Any] | NotebookNode) -> list[Any]:
    """Return what the cells of a notebook show, for good."""
    shown: list[Any] = json.loads(json.dumps([cell["outputs"] for cell in notebook["cells"]]))
    return shown
