"""The cells of a notebook as a file has it, whichever format that is of."""

from typing import Any

Cell = dict[str, Any]


def with_cells(notebook: Any) -> dict[str, Any] | None:
    """Return the notebook with its list of cells, or None where it has none.

    In formats 2 and 3, which the runner upgrades, cells stand on worksheets, and their code is
    called input.
    """
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("cells"), list):
        return notebook
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    cells = [cell for each in found if isinstance(each, list) for cell in each]
    return {**notebook, "cells": [_modern(cell) for cell in cells if isinstance(cell, dict)]}


def _modern(cell: Cell) -> Cell:
    return {**cell, "source": cell.get("input", cell.get("source", ""))}
