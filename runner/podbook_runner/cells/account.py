"""Papermill's account of the cells: what the notebook says about its own run."""

from collections.abc import Collection
from typing import Any

from nbformat import NotebookNode

from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.papermill_client import NotebookExecutionManager
from podbook_runner.events.teller import Teller


class Cells(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's account of the cells, told when that is due, and never saved."""

    def __init__(
        self, nb: NotebookNode, *, text: NotebookText, teller: Teller, prepared: Collection[int]
    ) -> None:
        super().__init__(nb, progress_bar=False)
        self._prepared = prepared
        self._text = text
        self._teller = teller

    def cell_start(self, cell: NotebookNode, cell_index: int) -> None:
        """Open the account of one cell."""
        super().cell_start(cell, cell_index)
        is_prepared = cell_index in self._prepared
        if is_prepared:
            cell.metadata.papermill["prepared"] = True
        self._teller.start(cell_index, prepared=is_prepared)

    def cell_complete(self, cell: NotebookNode, cell_index: int) -> None:
        """Close the account of one cell: it does not change any more."""
        super().cell_complete(cell, cell_index)
        self._text.finish(cell_index)
        account = cell.metadata.papermill
        self._teller.finish(
            cell_index,
            status="error" if account["status"] == self.FAILED else "ok",
            seconds=account.get("duration") or 0.0,
            count=cell.execution_count,
        )

    def save(self, **_: Any) -> None:
        """Save nothing: what changes is told instead."""

    def autosave_cell(self) -> None:
        """Save nothing: what changes is told instead."""

    def notebook_complete(self, **_: Any) -> None:
        """Close the account; papermill's own would call cells completed that never ran."""
        self.end_time = self.now()
        self.nb.metadata.papermill["end_time"] = self.end_time.isoformat()
        self.nb.metadata.papermill["duration"] = (self.end_time - self.start_time).total_seconds()
