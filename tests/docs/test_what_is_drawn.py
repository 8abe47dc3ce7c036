"""The table of what pages draw says what the table of the tests holds, row by row."""

import re
from pathlib import Path
from typing import Final

from podbook_api.artifacts.rendering import assets
from tests.support.outputs.rows import DRAWN_KINDS, ROWS, SAID_KINDS

DOCS: Final = Path(__file__).parents[2] / "docs" / "how-to" / "pages.md"
# By the beginning of a row there: the rows that hold it. Tags are told of below that table.
ROWS_OF: Final[dict[str, tuple[str, ...]]] = {
    "matplotlib, seaborn; images": (
        "matplotlib png, svg, retina, transparent; seaborn",
        "Image gif, webp; avif, bmp",
        "SVG, Image, Audio, Code, Pretty, ProgressBar, Javascript, HTML, srcdoc",
        "an image of 3 MB",
        "matplotlib widget (ipympl)",
        "altair png, svg",
        "plotly png, svg",
    ),
    "matplotlib's `to_jshtml()`": ("animation to_jshtml",),
    "plotly: `fig`": (
        "plotly default, plotly_mimetype, jupyterlab, vscode, json; 3D, choropleth, map",
        "plotly notebook, offline.iplot",
        "plotly notebook_connected, colab, sphinx_gallery, cdn",
        "plotly include_plotlyjs=True, require",
        "plotly FigureWidget",
    ),
    "plotly's `choropleth`": (
        "plotly default, plotly_mimetype, jupyterlab, vscode, json; 3D, choropleth, map",
    ),
    "plotly's maps of tiles": ("plotly iframe, iframe_connected", "folium", "pyvis"),
    "altair, Vega": ("altair default, html", "altair mimetype", "altair jupyter"),
    "bokeh 3": ("bokeh output_notebook", "bokeh INLINE, file_html"),
    "holoviews": ("holoviews",),
    "mermaid": ("mermaid in markdown", "JSON, GeoJSON, dataresource, mermaid"),
    "Markdown, LaTeX": (
        "Markdown, Latex, Math, sympy",
        "details, anchors, equations, mhchem, attachments, alerts",
        "$5 and $10",
        "footnotes, notes, marks",
        "a raw cell",
        "300 cells",
    ),
    "pandas, Styler": (
        "pandas, Styler",
        "a frame of 10 000 rows",
        "a very wide frame",
        "great_tables, tabulate, itables offline",
        "rich",
    ),
    "itables with `connected=True`": ("itables connected",),
    "widgets of `ipywidgets`": (
        "ipywidgets slider, HBox, Tab, interact",
        "Output()",
        "tqdm.notebook, tqdm.auto",
    ),
    "an anywidget": ("ipywidgets slider, HBox, Tab, interact",),
    "widgets of other packages": ("matplotlib widget (ipympl)",),
    "JSON, GeoJSON": ("JSON, GeoJSON, dataresource, mermaid",),
    "PDF": ("matplotlib pdf", "plotly pdf"),
    "HTML, Javascript": (
        "SVG, Image, Audio, Code, Pretty, ProgressBar, Javascript, HTML, srcdoc",
        "target=_blank, downloads",
    ),
    "sound and film": (
        "SVG, Image, Audio, Code, Pretty, ProgressBar, Javascript, HTML, srcdoc",
        "animation to_html5_video",
    ),
    "files of the run": ("the run's own files", "FileLinks", "links to other notebooks"),
    "what an address elsewhere": ("Image(url=), Video(url), IFrame, YouTube, frames by data:",),
    "what a terminal shows": (
        "ANSI",
        "tqdm as text",
        "long lines, 5 MB of text",
        "CJK, emoji, RTL",
    ),
    "an error": ("a failed run",),
    "more than is kept": ("an image of 20 MB",),
    "types that nothing draws": ("an unknown type",),
}
BELOW: Final = {"tags and switches that hide"}


def told() -> list[tuple[str, str]]:
    """Return the rows of the table: the output, and what the page shows."""
    section = DOCS.read_text().split("## What is drawn\n")[1].split("\n## ")[0].split("\n### ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [(line.split("|")[1].strip(), line.split("|")[2].strip()) for line in lines[1:]]


def test_every_row_is_held_by_tests() -> None:
    left = dict(ROWS_OF)
    drawn, said = ({kind.name for kind in kinds} for kinds in (DRAWN_KINDS, SAID_KINDS))
    for output, shows in told():
        start = next((start for start in left if output.startswith(start)), None)
        assert start is not None, f"no test holds what the documents say of {output!r}"
        kinds = {kind for row in left.pop(start) for kind in ROWS[row]}
        assert kinds & (said if shows.startswith("one line") else drawn), output
    assert left == {}


def test_every_row_of_the_tests_is_told() -> None:
    assert {row for rows in ROWS_OF.values() for row in rows} | BELOW == ROWS.keys()


def test_versions_are_those_that_are_here() -> None:
    versions = {
        file.rpartition("-")[0]: file for files in assets.LIBRARIES.values() for file in files
    }
    named = {
        "plotly.js": "plotly",
        "vega": "vega",
        "vega-lite": "vega-lite",
        "vega-embed": "vega-embed",
        "BokehJS": "bokeh",
        "panel": "panel",
        "MathJax": "mathjax",
    }
    text = DOCS.read_text()
    for name, file in named.items():
        found = re.search(rf"\bby (?:[^|]*, )?{re.escape(name)} ([\d.]+\d|\d)", text)
        assert found, name
        assert versions[file].rpartition("-")[2].startswith(found[1]), name


def test_sizes_are_those_that_are_here() -> None:
    text = " ".join(DOCS.read_text().split())
    found = re.search(r"All libraries together are ([\d.]+) MB", text)
    assert found
    size = sum(len(assets.packed(file)) for files in assets.LIBRARIES.values() for file in files)
    assert round(size / 1e6, 1) == float(found[1])
