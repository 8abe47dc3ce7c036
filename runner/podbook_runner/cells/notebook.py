"""Reads a notebook as papermill does, and refuses clearly what is none."""

import json
import re
import warnings
from collections.abc import Iterator
from itertools import count
from typing import Any, Final

import nbformat
from nbformat import NotebookNode

from podbook_crds import names
from podbook_crds.errors import InvalidNotebook
from podbook_runner.cells.notebook_metadata import language_info, mended, tags

__all__ = ["language_info", "read"]

# On cells that tell how an earlier run ended: papermill's, and ours of a run that left nothing.
_ABOUT_A_RUN: Final = frozenset({"papermill-error-cell-tag", names.EXPLANATION_TAG})

_OLDEST: Final = 2
# As the format has it since 4.5.
_CELL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NEWEST: Final = 4


def read(data: bytes) -> NotebookNode:
    """Return the notebook in the form that runs; versions 2 and 3 are upgraded.

    What an earlier run left is taken out: outputs, counts, papermill's and our own metadata, and
    the cells that tell how it ended.
    Raises InvalidNotebook with what is wrong.
    """
    raw = mended(_json(data))
    version = raw.get("nbformat")
    if not isinstance(version, int) or not _OLDEST <= version <= _NEWEST:
        raise InvalidNotebook(f"nbformat is {version!r}; Podbook runs {_OLDEST} to {_NEWEST}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Missing and double cell ids are mended.
            # By the version's own reader: what programs save has its texts as lists of lines.
            known = nbformat.versions[version].to_notebook_json(raw)
            notebook: NotebookNode = nbformat.v4.upgrade(nbformat.convert(known, _NEWEST))
            _prepare(notebook)
    except InvalidNotebook:
        raise
    except Exception as error:  # nbformat raises whatever it trips over.
        raise InvalidNotebook(f"the notebook cannot be read: {_said(error)}") from error
    return notebook


def _json(data: bytes) -> dict[str, Any]:
    if not data.strip():
        raise InvalidNotebook("the notebook is an empty file")
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidNotebook(f"the notebook is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise InvalidNotebook(f"the notebook is no JSON object but a {type(raw).__name__}")
    cells = raw.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else ()):
        if not isinstance(cell, dict):
            raise InvalidNotebook(f"cell {number} is no JSON object but a {type(cell).__name__}")
    return raw


def _said(error: Exception) -> str:
    said = re.sub(r"\s+", " ", str(error)).strip()
    return f"{type(error).__name__}: {said}"[:500]


def _prepare(notebook: NotebookNode) -> None:
    notebook.metadata["papermill"] = NotebookNode(parameters=NotebookNode(), version=None)
    notebook.cells = [cell for cell in notebook.cells if not _is_about_a_run(cell)]
    _identify(notebook.cells)
    for number, cell in enumerate(notebook.cells):
        if not isinstance(cell.source, str):  # As format 3 has it.
            cell.source = "".join(cell.source)
        cell.metadata["tags"] = tags(cell.metadata.get("tags"))
        cell.metadata["papermill"] = NotebookNode()
        if cell.cell_type == "code":
            _check_text(cell.source, number)
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)


def _check_text(source: str, number: int) -> None:
    """JSON can hold half of a character, which no kernel can be sent."""
    try:
        source.encode()
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise InvalidNotebook(
            f"cell {number}, line {line}, holds half of a character (a lone surrogate,"
            f" {source[error.start]!r}), which is no text; take it out"
        ) from error


def _is_about_a_run(cell: NotebookNode) -> bool:
    return not _ABOUT_A_RUN.isdisjoint(tags(cell.metadata.get("tags")))


def _identify(cells: list[NotebookNode]) -> None:
    """Give each cell a valid id of its own; those that have one keep it."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        given = cell.get("id")
        if not isinstance(given, str) or not _CELL_ID.fullmatch(given) or given in seen:
            given = next(name for name in _names(number) if name not in seen)
        cell["id"] = given
        seen.add(given)


def _names(number: int) -> Iterator[str]:
    # The same at every run, so that two runs of a notebook can be compared.
    yield f"cell-{number}"
    yield from (f"cell-{number}-{again}" for again in count(2))
