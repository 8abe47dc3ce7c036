"""Writes the notebook as JSON text, each finished cell only once."""

import json
import logging
from typing import Any, Final

from nbformat import NotebookNode

from podbook_runner.showing.shown import marked

_log = logging.getLogger(__name__)

# What Python's writer raises at what no JSON can hold, or at what is nested too deep.
_UNWRITABLE: Final = (TypeError, ValueError, AttributeError, RecursionError)


class NotebookText:
    """Turns one notebook into text again and again, while its cells finish one by one."""

    def __init__(self, notebook: NotebookNode) -> None:
        self._notebook = notebook
        self._finished: dict[int, str] = {}

    def finish(self, index: int) -> None:
        """Take it that the cell does not change any more."""
        self._finished[index] = _written(self._notebook.cells[index])

    def reopen(self, index: int) -> None:
        """Take it that a finished cell changed: something it shows was updated."""
        self._finished.pop(index, None)

    def render(self) -> bytes:
        """Return the ipynb as it stands: format 4, sorted keys, texts as lists of lines."""
        cells = ",\n".join(
            self._finished.get(index) or _written(cell)
            for index, cell in enumerate(self._notebook.cells)
        )
        text = f'{{\n"cells": [\n{cells}\n],\n{self._rest()[1:].lstrip()}\n'
        # A lone surrogate has no UTF-8; its backslash form is the JSON escape for it.
        return text.encode("utf-8", "backslashreplace")

    def _rest(self) -> str:
        rest = {key: value for key, value in self._notebook.items() if key != "cells"}
        try:
            return _dumped(rest)
        except _UNWRITABLE as error:
            _log.error("the notebook's metadata cannot be written: %s", error)
            return _dumped({**rest, "metadata": {}})


def _written(cell: NotebookNode) -> str:
    """Return the cell's text; where something in it cannot be written, without what it showed."""
    try:
        return _dumped(_split(cell))
    except _UNWRITABLE as error:
        _log.error("a cell cannot be written: %s", error)
        bare = {**cell, "metadata": {}}
        if "outputs" in cell:
            bare["outputs"] = [marked("what this cell showed cannot be written")]
        return _dumped(_split(NotebookNode(bare)))


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


def _split(cell: NotebookNode) -> dict[str, Any]:
    """Return the cell with its texts as lists of lines, as Jupyter writes them."""
    split = {**cell, "source": cell.source.splitlines(keepends=True)}
    if "outputs" in split:
        split["outputs"] = [_split_output(output) for output in cell.outputs]
    return split


def _split_output(output: NotebookNode) -> dict[str, Any]:
    if output.output_type == "stream":
        return {**output, "text": output.text.splitlines(keepends=True)}
    if "data" not in output:
        return output
    data = {
        kind: value.splitlines(keepends=True) if _is_lines(kind, value) else value
        for kind, value in output.data.items()
    }
    return {**output, "data": data}


def _is_lines(kind: str, value: Any) -> bool:
    return isinstance(value, str) and (kind.startswith("text/") or kind == "image/svg+xml")
