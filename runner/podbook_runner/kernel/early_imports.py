"""What the cells above the parameters import, as a request that imports it before a call."""

import ast
from collections.abc import Iterator
from typing import Final

from nbformat import NotebookNode

# A function of its own, and every name in it: the notebook's namespace stays empty. What fails here
# fails again in its cell, where people see it.
_CODE: Final = """\
def _podbook(wanted):
    import contextlib
    import importlib
    import io

    for module, members in wanted:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                found = importlib.import_module(module)
                for member in members:
                    if not hasattr(found, member):
                        importlib.import_module(module + "." + member)
            except BaseException:
                pass


_podbook({wanted!r})
del _podbook
"""

Wanted = list[tuple[str, list[str]]]


def code(notebook: NotebookNode) -> str:
    """Return the request; empty where nothing is imported above a cell tagged `parameters`."""
    wanted = [each for source in _above(notebook) for each in _imports(source)]
    return _CODE.format(wanted=wanted) if wanted else ""


def _above(notebook: NotebookNode) -> list[str]:
    """Return the sources above the cell: without one, what may be early is not known."""
    above: list[str] = []
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            return above
        if cell.cell_type == "code" and "skip-execution" not in cell.metadata.get("tags", []):
            above.append(cell.source)
    return []


def _imports(source: str) -> Wanted:
    """Return what a cell imports at its top level; a cell that is no plain Python imports none."""
    lines = ["pass" if line.startswith(("%", "!")) else line for line in source.split("\n")]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(_named(tree.body))


def _named(body: list[ast.stmt]) -> Iterator[tuple[str, list[str]]]:
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from ((alias.name, []) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module, [a.name for a in statement.names if a.name != "*"]
        elif isinstance(statement, ast.Try):
            yield from _named(statement.body)
