"""What of a cell its author wants seen: the tags of Jupyter Book, and JupyterLab's own switches."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from podbook_api.artifacts.rendering.book import Cell


class Seen(Enum):
    """How a part of a cell is shown."""

    OPEN = "open"
    FOLDED = "folded"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class View:
    """How the two parts of a cell are shown."""

    source: Seen
    outputs: Seen


def view(cell: Cell, *, report: bool) -> View | None:
    """Return how a cell is shown, or None where it is not; a report shows no code at all."""
    if "remove-cell" in cell.tags or "remove_cell" in cell.tags:
        return None
    source = _seen(cell, "input", hidden=_switch(cell, "source_hidden"))
    outputs = _seen(cell, "output", hidden=_outputs_hidden(cell))
    if report and cell.kind == "code":
        source = Seen.ABSENT
    return View(source, outputs)


def _seen(cell: Cell, part: str, *, hidden: bool) -> Seen:
    # Jupyter Book writes hyphens, its older tools underscores.
    tags = {tag.replace("_", "-") for tag in cell.tags}
    if f"remove-{part}" in tags:
        return Seen.ABSENT
    if f"hide-{part}" in tags or "hide-cell" in tags or hidden:
        return Seen.FOLDED
    return Seen.OPEN


def _outputs_hidden(cell: Cell) -> bool:
    return _switch(cell, "outputs_hidden") or cell.metadata.get("collapsed") is True


def _switch(cell: Cell, name: str) -> bool:
    jupyter: Any = cell.metadata.get("jupyter")
    return isinstance(jupyter, dict) and jupyter.get(name) is True
