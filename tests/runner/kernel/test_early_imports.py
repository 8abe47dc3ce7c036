"""What is imported before a call, read from the cells above the parameters."""

import ast
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from podbook_runner.kernel.early_imports import code


def wanted(*above: str, below: str = "", tags: tuple[str, ...] = ("parameters",)) -> Any:
    """Return what the request for such a notebook imports."""
    cells = [new_code_cell(source) for source in above]
    marked = new_code_cell("x = 1", metadata={"tags": list(tags)})
    made = code(new_notebook(cells=[*cells, marked, new_code_cell(below)]))
    calls = [node for node in ast.walk(ast.parse(made)) if isinstance(node, ast.Call)]
    asked = [call for call in calls if getattr(call.func, "id", "") == "_podbook"]
    return ast.literal_eval(asked[0].args[0]) if asked else []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pandas", [("pandas", [])]),
        ("import a.b as c, d", [("a.b", []), ("d", [])]),
        ("from xml import dom, sax", [("xml", ["dom", "sax"])]),
        ("from os import *", [("os", [])]),
        ("try:\n    import orjson\nexcept ImportError:\n    import json", [("orjson", [])]),
        ("%matplotlib inline\nimport a", [("a", [])]),
        ("!pip install a\nimport a", [("a", [])]),
        ("from . import sibling", []),
        ("def later():\n    import a", []),
        ("if slow():\n    import a", []),
        ("%%bash\nimport a from b", []),
        ("this is ( no Python", []),
        ("\0", []),
        ("(" * 5000, []),
    ],
)
def test_the_imports_of_a_cells_top_level(source: str, found: Any) -> None:
    assert wanted(source) == found


def test_nothing_from_the_parameters_on_down() -> None:
    assert wanted("import a", below="import b") == [("a", [])]


def test_nothing_where_no_cell_says_where_the_parameters_are() -> None:
    assert wanted("import a", tags=()) == []


def test_markdown_and_skipped_cells_import_nothing() -> None:
    skipped = new_code_cell("import a", metadata={"tags": ["skip-execution"]})
    last = new_code_cell("", metadata={"tags": ["parameters"]})

    assert code(new_notebook(cells=[new_markdown_cell("import a"), skipped, last])) == ""


def test_the_namespace_stays_empty_and_what_fails_is_left_to_its_cell(capsys: Any) -> None:
    made = code(
        new_notebook(
            cells=[
                new_code_cell("import no_such_module_anywhere\nfrom xml import dom, nothing_there"),
                new_code_cell("", metadata={"tags": ["parameters"]}),
            ]
        )
    )
    namespace: dict[str, Any] = {}

    exec(made, namespace)

    assert set(namespace) == {"__builtins__"}
    assert capsys.readouterr() == ("", "")
