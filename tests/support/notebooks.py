"""Builds notebooks for tests."""

from typing import Any

import nbformat


def markdown(source: str) -> Any:
    return nbformat.v4.new_markdown_cell(source)


def code(source: str = "pass", **data: str) -> Any:
    """Return a cell that ran; data are its outputs: html="…", latex="…", plain="…"."""
    types = {"html": "text/html", "latex": "text/latex", "plain": "text/plain"}
    types |= {"javascript": "application/javascript", "png": "image/png", "svg": "image/svg+xml"}
    types |= {"widget": "application/vnd.jupyter.widget-view+json"}
    outputs = []
    if data:
        bundle = {types[name]: value for name, value in data.items()}
        outputs = [nbformat.v4.new_output("display_data", data=bundle)]
    return nbformat.v4.new_code_cell(source, execution_count=1, outputs=outputs)


def ipynb(*cells: Any, **metadata: Any) -> bytes:
    # nbformat's own ids are random, 32 bits: of 20 000 two are the same one time in twenty.
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    notebook = nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)
    return str(nbformat.writes(notebook)).encode()
