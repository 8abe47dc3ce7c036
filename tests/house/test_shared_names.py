"""Where the tests of a folder share one Podbook, each notebook belongs to one file of them."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PUTTING = {"put", "push", "put_notebook", "add_notebook"}


def put(path: Path) -> Iterator[str]:
    """Yield the ids that a file puts into a catalog, where it names them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [a.value for a in node.args[:2] if isinstance(a, ast.Constant)]
            if name in PUTTING:
                yield from (text for text in texts[:1] if isinstance(text, str))


@pytest.mark.parametrize("folder", ["api", "ends", "mcp", "path", "sdk"])
def test_no_file_puts_a_notebook_of_another(folder: str) -> None:
    files: dict[str, set[str]] = defaultdict(set)
    for path in (TESTS / folder).rglob("*.py"):
        for notebook in put(path):
            files[notebook].add(path.name)

    assert {name: found for name, found in files.items() if len(found) > 1} == {}
