"""Builds notebooks for tests, and reads executed ones."""

import json
from typing import Any, Final

# The least that is a notebook.
EMPTY: Final = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'


def notebook(*cells: str, parameters: str | None = None, **metadata: Any) -> dict[str, Any]:
    """Return a notebook of code cells; parameters is the code of a cell tagged so, put first."""
    made = [_cell(code, []) for code in cells]
    if parameters is not None:
        made.insert(0, _cell(parameters, ["parameters"]))
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": made,
        "metadata": {"kernelspec": spec, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def text_of(document: bytes | str) -> str:
    """Return everything that can be read in an executed notebook: sources and outputs."""
    found = []
    for cell in json.loads(document)["cells"]:
        found.append("".join(cell["source"]))
        for output in cell.get("outputs", []):
            found.append("".join(output.get("text", "")))
            found.append("".join(output.get("data", {}).get("text/plain", "")))
            found.append(output.get("evalue", ""))
    return "\n".join(found)


def _cell(code: str, tags: list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": tags} if tags else {},
        "outputs": [],
        "source": code,
    }
