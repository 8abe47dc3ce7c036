"""Finds the cell that declares a notebook's parameters: by its tag, or by its first line."""

import re
from collections.abc import Sequence
from typing import Any, Final

TAG: Final = "parameters"
INJECTED: Final = "injected-parameters"

# Colab has forms and no tags: `#@title Parameters { display-mode: "form" }`.
_HEADING: Final = re.compile(r"#\s*(@title\s+)?parameters\s*:?\s*(\{[^{}]*\})?\s*", re.IGNORECASE)


def declaring(cells: Sequence[Any], *, by_first_line: bool) -> int | None:
    """Return which cell it is, or None: the first one tagged, as papermill finds it.

    Where none is tagged and by_first_line is set, it is the first cell of code that begins with
    the comment `# parameters` or `#@title Parameters`.
    """
    tagged = [index for index, cell in enumerate(cells) if TAG in tags_of(cell)]
    if tagged or not by_first_line:
        return tagged[0] if tagged else None
    headed = (index for index, cell in enumerate(cells) if _is_headed(cell))
    return next(headed, None)


def tags_of(cell: Any) -> list[Any]:
    """Return the tags of a cell, whatever stands where they should."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def source_of(cell: dict[str, Any]) -> str:
    """Return the text of a cell, which a file may hold line by line."""
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _is_headed(cell: Any) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return False
    # What an earlier run put in begins with the same words.
    if INJECTED in tags_of(cell):
        return False
    first, _, _ = source_of(cell).lstrip().partition("\n")
    return _HEADING.fullmatch(first) is not None
