"""Which names a notebook's cells hold, and which of them a cell sets anew for every caller."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from podbook_api.http.reading.reader import Reader, Unreadable

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETERS: Final = "parameters"
# To parse 64 KiB of Python may take half a second.
_AT_ONCE: Final = 4 * 1024


@dataclass(frozen=True)
class Named:
    """What was read; known is false where the notebook could not be."""

    words: frozenset[str] = frozenset()
    # By name: the index of the cell that sets it, before anything has read it.
    overwritten: dict[str, int] = field(default_factory=dict)
    known: bool = True


async def of(reader: Reader, ipynb: str, *, is_python: bool) -> Named:
    """Read a notebook in bounds; what is beyond them is not known."""
    data = ipynb.encode("utf-8", "surrogatepass")
    try:
        found = json.loads(await reader.ask(read, {"python": is_python}, data, at_once=_AT_ONCE))
    except Unreadable:
        return Named(known=False)
    return Named(frozenset(found["words"]), found["overwritten"], found["known"])


def read(said: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return what a notebook names, as JSON."""
    found = named(parts[0], is_python=said["python"])
    members = {"words": sorted(found.words), "known": found.known}
    return json.dumps({**members, "overwritten": found.overwritten}).encode()


def named(ipynb: str | bytes, *, is_python: bool) -> Named:
    """Read a notebook: parsed, never run. Takes as long as it takes."""
    try:
        parsed = json.loads(ipynb)["cells"]
        cells = [_source(cell) for cell in parsed]
        tags = [cell.get("metadata", {}).get("tags", []) for cell in parsed]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Named(known=False)
    words = frozenset(word for source in cells if source for word in _WORD.findall(source))
    tagged = [index for index, each in enumerate(tags) if _PARAMETERS in each]
    # The caller's values stand right behind the cell that is tagged, else before everything.
    begin = tagged[0] + 1 if tagged else 0
    return Named(words, dict(_overwritten(cells, begin)) if is_python else {})


def _overwritten(cells: list[str | None], begin: int) -> Iterator[tuple[str, int]]:
    """Yield each name that is set at the top of a cell before it stands anywhere else."""
    met: set[str] = set()
    for index, source in enumerate(cells[begin:], start=begin):
        if source is None:
            continue
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            # What only IPython understands may do anything to any name that it holds.
            met |= set(_WORD.findall(source))
            continue
        lines = source.split("\n")
        for statement in tree.body:
            end = statement.end_lineno or statement.lineno
            used = _WORD.findall("\n".join(lines[statement.lineno - 1 : end]))
            for name in _set_by(statement):
                if name not in met and used.count(name) == 1:
                    yield name, index
            met |= set(used)


def _set_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return [statement.target.id] if isinstance(statement.target, ast.Name) else []
    return []


def _source(cell: dict[str, Any]) -> str | None:
    if cell.get("cell_type") != "code":
        return None
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)
