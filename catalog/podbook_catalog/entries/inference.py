"""Reads a contract from the parameters cell of a notebook that has no config file."""

import json
from typing import Any, Final

from podbook_catalog.contracts.infer_contract import infer
from podbook_catalog.entries.runtime import language_of
from podbook_crds.call_rules.parameters_cells import declaring, source_of
from podbook_crds.resources.notebook import Schema

# Characters of JSON. What is larger helps no reader, and much larger could not be stored at all.
SIZE_LIMIT: Final = 64 * 1024
LONG_DEFAULT: Final = 1024


def inferred_contract(notebook: dict[str, Any]) -> Schema | None:
    """Return the schema that the notebook's parameters cell tells.

    None where there is no such cell, it sets nothing, or it is in a language that is not read.
    """
    source = _parameters_cell(notebook)
    if source is None or language_of(notebook) != "python":
        return None
    try:
        return _of_bearable_size(infer(source))
    except (SyntaxError, ValueError, RecursionError):
        # Only documentation is lost; the run itself will say what is wrong with the cell.
        return None


def _of_bearable_size(schema: Schema | None) -> Schema | None:
    """Leave long defaults out, or everything: it only documents."""
    if len(json.dumps(schema)) <= SIZE_LIMIT:
        return schema
    properties: Any = (schema or {}).get("properties")
    for declared in properties.values():
        if len(json.dumps(declared.get("default"))) > LONG_DEFAULT:
            del declared["default"]
    return schema if len(json.dumps(schema)) <= SIZE_LIMIT else None


def _parameters_cell(notebook: dict[str, Any]) -> str | None:
    cells = notebook["cells"]
    found = declaring(cells, by_first_line=True)
    return None if found is None else source_of(cells[found])
