"""Papermill's account of the cells: what the notebook says about its own run."""

from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.papermill_client import NotebookExecutionManager


class Cells(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's account of the cells, saved when a checkpoint is due, not twice per cell."""

    def __init__(
        self, nb: NotebookNode, *, text: NotebookText, checkpoint: Callable[[], None]
    ) -> None:
        super().__init__(nb, progress_bar=False)
        self._text = text
        self._checkpoint = checkpoint

    def cell_complete(self, cell: NotebookNode, cell_index: int) -> None:
        """Close the account of one cell: it does not change any more."""
        super().cell_complete(cell, cell_index)
        self._text.finish(cell_index)

    def save(self, **_: Any) -> None:
        """Take a checkpoint if one is due."""
        self._checkpoint()

    def autosave_cell(self) -> None:
        """Take a checkpoint if one is due: papermill asks after every message."""
        self._checkpoint()

    def notebook_complete(self, **_: Any) -> None:
        """Close the account; papermill's own would call cells completed that never ran."""
        self.end_time = self.now()
        self.nb.metadata.papermill["end_time"] = self.end_time.isoformat()
        self.nb.metadata.papermill["duration"] = (self.end_time - self.start_time).total_seconds()
