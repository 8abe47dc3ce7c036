"""Turns a notebook into one HTML page that needs nothing from anywhere.

Imported in render processes alone: nbconvert takes a second to import.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import nbformat
from nbconvert import HTMLExporter
from traitlets.config import Config

from podbook_api.artifacts.rendering import scripts

_TEMPLATES: Final = Path(__file__).parent / "template"
# Widgets need a live kernel and mermaid a library of many files: their text stands in for them.
_SHOWN: Final = [
    "application/javascript",
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "text/latex",
    "image/png",
    "image/jpeg",
    "text/plain",
]
_MATHS: Final = re.compile(r"\$[^$]+\$|\\\(|\\\[|\\begin\{")
_REQUIRE: Final = re.compile(r"\brequire(?:js)?\b")


def page(ipynb: bytes, *, report: bool) -> str:
    """Return the page; a report shows neither code nor prompts.

    Raises what json, nbformat and nbconvert raise for what is no notebook.
    """
    notebook: Any = nbformat.reads(ipynb.decode("utf-8", "replace"), as_version=4)
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": _SHOWN}}),
        extra_template_basedirs=[str(_TEMPLATES)],
        template_name="podbook",
        exclude_input=report,
        exclude_input_prompt=report,
        exclude_output_prompt=report,
    )
    html, _ = exporter.from_notebook_node(notebook, resources={"podbook": _scripts(notebook)})
    return str(html)


def _scripts(notebook: Any) -> dict[str, str]:
    rich = list(_rich_texts(notebook))
    maths = any(_MATHS.search(text) for text in (*rich, *_markdown(notebook)))
    return {
        "mathjax": scripts.mathjax() if maths else "",
        "require_js": scripts.require_js() if any(map(_REQUIRE.search, rich)) else "",
    }


def _markdown(notebook: Any) -> Iterator[str]:
    return (cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def _rich_texts(notebook: Any) -> Iterator[str]:
    """Yield the outputs that a browser reads as more than plain text."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for media_type, value in output.get("data", {}).items():
                if media_type in _SHOWN[:5] and isinstance(value, str):
                    yield value
