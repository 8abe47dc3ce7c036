"""Kinds that are whole cells, or large: prose, tags, long texts, big tables and images."""

import base64
import random
import struct
import zlib
from typing import Any, Final

from tests.support.outputs.building import (
    BAR,
    PLOT,
    Kind,
    cell,
    display,
    png,
    printed,
    prose,
    tagged,
)

ROWS: Final = 10_000


def table(rows: int) -> str:
    body = "".join(f"<tr><th>{row}</th><td>{row * 7}</td></tr>" for row in range(rows))
    return f"<div><table class='dataframe'><tbody>{body}</tbody></table></div>"


def _noise(side: int) -> str:
    """Return a png that no packing makes smaller."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    noise = random.Random(1).randbytes(side * (side * 3 + 1))
    rows = b"".join(b"\0" + noise[n * side * 3 : (n + 1) * side * 3] for n in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


_WIDE: Final = "".join(f"<td>column {n}</td>" for n in range(80))
_GRID: Final = "\n".join("  ".join(f"column {n}" for n in range(80)) for _ in range(3))
_PROSE: Final = r"""# Überschrift
[to it](#Überschrift) <details><summary>outer</summary><details><summary>inner</summary>kept
</details></details> <input type="checkbox" checked disabled> done

$\newcommand{\R}{\mathbb{R}} x \in \R, \ce{H2O}, \cancel{y}$

\begin{equation} a = b \label{eq:kinds} \end{equation}

as \eqref{eq:kinds} says

<div class="alert alert-block alert-info">an alert</div>

![plot](attachment:plot.png)"""
_TAGS: Final = (
    tagged("left = 'out'", "input of it\n", tags=["remove-input"]),
    tagged("whole()", "cell that is gone\n", tags=["remove-cell"]),
    tagged("folded = 1", "beside a folded input\n", tags=["hide-input"]),
    tagged("no_output()", "output that is gone\n", tags=["remove-output"]),
    tagged("switched = 1", "beside a hidden source\n", jupyter={"source_hidden": True}),
    tagged("behind()", "output that is folded\n", jupyter={"outputs_hidden": True}),
    tagged("collapsed()", "output that is collapsed\n", collapsed=True),
)
_COLOURS: Final = (
    "\x1b[31mred\x1b[0m \x1b[38;5;208morange\x1b[0m \x1b[38;2;1;2;3mtrue\x1b[0m \x1b[1mbold\x1b[0m "
    "\x1b[4munderlined\x1b[0m \x1b[7minverse\x1b[0m \x1b[3mitalic\x1b[0m \x1b[9mstruck\x1b[0m\n"
)


def _attached() -> dict[str, Any]:
    return prose(_PROSE) | {"attachments": {"plot.png": {"image/png": png()}}}


WHOLE: Final = (
    # All these renderers write the same.
    Kind(
        "plotly_mimetype, jupyterlab, vscode, offline.iplot",
        [display({"application/vnd.plotly.v1+json": BAR})],
        PLOT,
    ),
    Kind("a table of 10 000 rows", [display({"text/html": table(ROWS)})], "tr:nth-child(10000)"),
    Kind(
        "a frame of 80 columns",
        [display({"text/html": f"<table><tr>{_WIDE}</tr></table>"})],
        "td:nth-child(80)",
    ),
    Kind("80 columns as text", [printed(_GRID)], ".podbook-grid", says="column 79"),
    Kind("a long line", [printed("x" * 5_000)], "pre", says="x" * 5_000),
    Kind(
        "5 MB of text, as it is kept",
        [printed("y\n" * 200_000 + "… 4,000,000 characters were left out here …\n" + "y\n" * 200)],
        "pre",
        says="characters were left out here",
    ),
    Kind("CJK, emoji, RTL", [printed("日本語 🎉 שלום\n")], "pre[dir=auto]", says="שלום"),
    Kind("an image of 3 MB", [display({"image/png": _noise(1000)})], "img"),
    Kind(
        "300 cells",
        [],
        says="cell 299",
        own_cells=tuple(cell(f"# {n}", [printed(f"cell {n}\n")]) for n in range(300)),
    ),
    Kind("prose", [], "mjx-container svg", says="an alert", own_cells=(_attached(),)),
    Kind("prices in prose", [], "p", own_cells=(prose("It costs $5 and $10."),)),
    Kind(
        "footnotes, notes, marks",
        [],
        "p",
        says="[!NOTE]",
        own_cells=(prose("a[^1] ==mark==\n\n> [!NOTE]\n> noted\n\n[^1]: a footnote"),),
    ),
    Kind(
        "mermaid in prose",
        [],
        ".is-drawn svg",
        own_cells=(prose("```mermaid\ngraph TD; A-->B\n```"),),
    ),
    Kind(
        "a raw cell",
        [],
        "pre",
        says="raw as it is",
        own_cells=({"cell_type": "raw", "source": "raw as it is", "metadata": {}},),
    ),
    Kind("a link to another notebook", [], "a", own_cells=(prose("[the other](other.ipynb)"),)),
    Kind(
        "an image of the run in prose",
        [],
        "img[src^=data]",
        own_cells=(prose("![](artifacts/p.png)"),),
    ),
    Kind(
        "an image of the run as HTML",
        [display({"text/html": "<img src='artifacts/p.png'>"})],
        "img[src^='data:image/png']",
    ),
    Kind(
        "a download",
        [display({"text/html": "<a download='x.txt' href='data:text/plain,x'>save</a>"})],
        "a[download]",
    ),
    Kind(
        "tags", [], "details", says="beside a folded input", never="that is gone", own_cells=_TAGS
    ),
    Kind("terminal colours", [printed(_COLOURS)], ".ansi-strike", says="true"),
)
