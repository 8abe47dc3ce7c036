"""The executed notebook is written each cell once, and as Jupyter writes it."""

import json
from typing import Any

import nbformat

from podbook_runner.cells.notebook_text import NotebookText


def a_notebook() -> Any:
    cells = [nbformat.v4.new_code_cell(f"x = {n}\ny") for n in range(3)]
    cells[0].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a\nb \ud800\n"),
        nbformat.v4.new_output(
            "display_data", data={"text/html": "<p>\n</p>", "image/png": "eA=="}
        ),
    ]
    return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell("# é")])


def test_the_text_is_the_notebook() -> None:
    notebook = a_notebook()
    text = NotebookText(notebook)
    text.finish(0)

    assert nbformat.reads(text.render().decode(), 4) == notebook
    assert json.loads(text.render())["cells"][0]["source"] == ["x = 0\n", "y"]


def test_a_finished_cell_that_changed_is_written_anew() -> None:
    notebook = a_notebook()
    text = NotebookText(notebook)
    text.finish(0)
    notebook.cells[0].source = "changed"

    assert "changed" not in text.render().decode()
    text.reopen(0)
    assert "changed" in text.render().decode()
