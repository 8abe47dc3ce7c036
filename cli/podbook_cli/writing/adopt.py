"""`podbook adopt`: finds the parameters of a notebook, tags their cell, and writes its config."""

import ast
import difflib
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from podbook_catalog.contracts.annotation_schema import literal
from podbook_catalog.entries.cells import with_cells
from podbook_catalog.entries.draft import config_path
from podbook_catalog.entries.inference import inferred_contract
from podbook_cli.exits import BadInput
from podbook_cli.printing.printed_json import print_text
from podbook_crds.call_rules.parameters_cells import TAG, declaring, source_of, tags_of
from podbook_crds.formats.whole_files import write_whole

_INDENT: Final = re.compile(r"\{\n( +)")


def adopt(path: Path) -> int:
    """Tag, write, and print what changed as a diff; nothing is overwritten but the tag's place."""
    text = _read(path)
    notebook = _notebook(path, text)
    index = declaring(notebook["cells"], by_first_line=True)
    if index is None:
        index = _of_assignments(notebook["cells"])
    if index is None:
        raise BadInput(
            f"{path}: no cell sets plain values alone; put those that callers may change into one"
            " cell, such as `year = 2026`, and call this again"
        )
    fresh = text
    if TAG not in tags_of(notebook["cells"][index]):
        fresh = _tagged(text, notebook, index)
    _write(path, text, fresh)
    config = config_path(path)
    if config.exists():
        sys.stderr.write(f"{config} is there and stays as it is\n")
        return 0
    contract = {"input": inferred_contract(json.loads(fresh)) or {"type": "object"}}
    _write(config, "", json.dumps(contract, indent=2, ensure_ascii=False) + "\n")
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"{path}: {why}") from error


def _notebook(path: Path, text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no notebook: {error}") from error
    if with_cells(parsed) is None or "cells" not in parsed:
        raise BadInput(f"{path} has no list of cells, as notebooks have since 2015: save it anew")
    found: dict[str, Any] = parsed
    return found


def _of_assignments(cells: list[Any]) -> int | None:
    """Return the first cell of code that sets plain values and does nothing else."""
    for index, cell in enumerate(cells):
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and _is_plain(cell):
            return index
    return None


def _is_plain(cell: dict[str, Any]) -> bool:
    try:
        body = ast.parse(source_of(cell)).body
    except (SyntaxError, ValueError, RecursionError):
        return False
    return bool(body) and all(_is_assignment(node) for node in body)


def _is_assignment(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    else:
        return False
    known, _ = literal(node.value)
    return known and all(isinstance(target, ast.Name) for target in targets)


def _tagged(text: str, notebook: dict[str, Any], index: int) -> str:
    cell = notebook["cells"][index]
    metadata = cell["metadata"] = dict(cell.get("metadata") or {})
    metadata["tags"] = [*tags_of(cell), TAG]
    # As the file was laid out before: a diff then shows the tag and nothing else.
    found = _INDENT.match(text)
    written = json.dumps(notebook, indent=len(found[1]) if found else None, ensure_ascii=False)
    return written + ("\n" if text.endswith("\n") else "")


def _write(path: Path, before: str, after: str) -> None:
    if before == after:
        return
    write_whole(path, after)
    old = str(path) if before else "/dev/null"
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), old, str(path), n=2
    )
    print_text("".join(lines))
