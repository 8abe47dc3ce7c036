"""What can be seen in the cells of an executed notebook, free of what no two runs have alike."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

# The file that a kernel calls a cell, alone or with its folder; where an object lies.
_VOLATILE: Final = re.compile(r"ipykernel_\d+/\d+|\(\d+\.py|0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Seen:
    """One cell: its code, its number, what it shows; its tags are not compared."""

    source: str
    count: int | None = None
    outputs: tuple[Any, ...] = ()
    tags: tuple[str, ...] = field(default=(), compare=False)


Cells = list[Seen]


def cells(document: bytes) -> Cells:
    return [_seen(cell) for cell in json.loads(document)["cells"]]


def _seen(cell: dict[str, Any]) -> Seen:
    shown = json.loads(_VOLATILE.sub("…", json.dumps(cell.get("outputs", []))))
    return Seen(
        "".join(cell["source"]),
        cell.get("execution_count"),
        tuple(_joined(output) for output in shown),
        tuple(cell["metadata"].get("tags") or ()),
    )


def _joined(value: Any) -> Any:
    """Return the same with texts in one piece: the format lets them be lists of lines too."""
    if isinstance(value, dict):
        return {
            key: inner if key == "traceback" else _joined(inner) for key, inner in value.items()
        }
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value
