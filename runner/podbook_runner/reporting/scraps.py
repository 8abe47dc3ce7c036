"""Reads scrapbook's records in a notebook's outputs: each a name with its data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from nbformat import NotebookNode

from podbook_crds.names import OUTPUT_TYPE
from podbook_crds.resources.warning import Kind, RunWarning, warn

_PREFIX: Final = "application/scrapbook.scrap."
# Frames are Parquet in base64, which only their reader understands.
_FRAMES: Final = f"{_PREFIX}pandas"
_NAMED: Final = 60


@dataclass(frozen=True, slots=True)
class Scrap:
    """A record; problem says why it is none, and is empty where it is one."""

    cell: int
    name: str = ""
    data: Any = None
    problem: str = ""


def of(notebook: NotebookNode) -> Iterator[Scrap]:
    """Yield the records of a notebook, in their order."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            data = output.get("data")
            if not isinstance(data, dict) or OUTPUT_TYPE in data:
                continue  # The latter is save_output's own, a scrap for others to read.
            for kind, record in data.items():
                if kind.startswith(_PREFIX) and not kind.startswith(_FRAMES):
                    yield _read(record, index)


def told(scrap: Scrap, problem: str) -> RunWarning:
    """Return the warning that a record is no part of the output."""
    name = f" {scrap.name[:_NAMED]!r}" if scrap.name else ""
    sentence = f"a scrap{name} that the cell shows is left out of the output: {problem}"
    return warn(Kind.SCRAP_UNREADABLE, sentence, cell=scrap.cell)


def _read(record: Any, cell: int) -> Scrap:
    if not isinstance(record, dict):
        return Scrap(cell, problem="its record is no object with `name` and `data`")
    name = record.get("name")
    if not isinstance(name, str):
        return Scrap(cell, problem="its `name` is missing, or no text")
    if "data" not in record:
        return Scrap(cell, name, problem="its record has no `data`")
    # Both may be left out: they say how the data are written, which is known.
    if not isinstance(record.get("encoder", ""), str):
        return Scrap(cell, name, problem="its `encoder` is no text")
    version = record.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool):
        return Scrap(cell, name, problem="its `version` is no whole number")
    return Scrap(cell, name, record["data"])
