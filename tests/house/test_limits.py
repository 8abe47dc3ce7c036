"""How large the pieces of the house may be: what is larger today is listed, and the list shrinks.

What to do where one of these fails: a folder with too many entries wants a room, a long function a
second one, a constructor with many arguments a value that holds those which belong together. A name
in `allowed.json` that is no longer too large is to be taken out there.
"""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.house.test_layout import ROOT, tracked

PARTS = ("api", "catalog", "cli", "crds", "kube", "local", "operator", "runner", "sdk")
ENTRIES, LINES, ARGUMENTS = 15, 40, 5
ALLOWED: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "allowed.json").read_text(encoding="utf-8")
)
BESIDE = {"__init__.py", "__main__.py", "py.typed"}


def sources() -> list[Path]:
    return [Path(name) for name in tracked("*.py") if name.split("/")[0] in PARTS]


@cache
def definitions() -> list[tuple[str, Any]]:
    """Return every function and class with the name by which it is listed."""
    return [
        found
        for path in sources()
        for found in named(ast.parse((ROOT / path).read_text(encoding="utf-8")), f"{path}::")
    ]


def named(tree: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node
            yield from named(node, f"{prefix}{node.name}.")


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs) - 1


def test_a_folder_has_at_most_fifteen_entries() -> None:
    entries = {
        Path(*path.parts[: depth + 1])
        for path in map(Path, tracked(*PARTS))
        for depth in range(1, len(path.parts))
        if path.parts[depth] not in BESIDE
    }
    counted = Counter(entry.parent.as_posix() for entry in entries)

    assert sorted(f for f, n in counted.items() if n > ENTRIES) == ALLOWED["entries"]


def test_a_function_has_at_most_forty_lines() -> None:
    functions = [(n, f) for n, f in definitions() if not isinstance(f, ast.ClassDef)]

    assert sorted(n for n, f in functions if length(f) > LINES) == ALLOWED["lines"]


def test_a_constructor_takes_at_most_five_arguments() -> None:
    made = [(n, f) for n, f in definitions() if n.endswith(".__init__")]

    assert sorted(n for n, f in made if arguments(f) > ARGUMENTS) == ALLOWED["arguments"]
