"""Turns a notebook into an HTML page.

Imported in render processes alone: nbconvert takes a second to import.
"""

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from pygments.formatters import HtmlFormatter

from podbook_api.artifacts.rendering import ahead, assets
from podbook_api.artifacts.rendering.addresses import OwnFiles
from podbook_api.artifacts.rendering.book import Cell, read
from podbook_api.artifacts.rendering.hiding import Seen, View, view
from podbook_api.artifacts.rendering.kinds import notes, texts
from podbook_api.artifacts.rendering.kinds.outputs import Outputs
from podbook_api.artifacts.rendering.kinds.prose import prose

_LOOK: Final = Path(__file__).parent / "look"
# What MathJax is told: LaTeX as Jupyter writes it; its menu would fetch its speech parts.
_MATHS: Final = {
    "tex": {
        "inlineMath": [["$", "$"], ["\\(", "\\)"]],
        "displayMath": [["$$", "$$"], ["\\[", "\\]"]],
        "processEscapes": True,
        "processEnvironments": True,
        "tags": "ams",
    },
    "options": {"enableMenu": False, "ignoreHtmlClass": "tex2jax_ignore|mathjax_ignore"},
}


_NOTHING: Final = "Nothing in this notebook is to be seen: its cells showed nothing, or are hidden."
# Loaded with the page; the others when the first of their figures comes into view.
_AT_ONCE: Final = ("require", "mathjax")


def page(ipynb: bytes, *, report: bool, own: OwnFiles | None = None) -> str:
    """Return the page; a report shows neither code nor prompts.

    Raises NoNotebook for what has no cells.
    """
    book = read(ipynb)
    outputs = Outputs(book.models, own or OwnFiles(), report=report)
    cells = [_cell(cell, outputs, book.lexer, report=report) for cell in book.cells]
    if not any(cells):
        cells = [notes.note(_NOTHING if book.cells else "This notebook has no cells.")]
    body = ahead.without("\n".join(filter(None, cells)))
    kind = "podbook-report" if report else "podbook-notebook"
    opening = f"{_head(outputs.needs, outputs.links)}<body class='jp-Notebook {kind}'>\n"
    return f"{opening}<main>\n{body}\n</main>\n</body></html>\n"


def _head(needs: set[str], links: list[tuple[str, str]]) -> str:
    # An anywidget brings its own code.
    needs = needs & assets.LIBRARIES.keys()
    later = sorted(needs - set(_AT_ONCE))
    known = {name: assets.addresses(name) for name in later}
    libraries = escape(json.dumps(known, separators=(",", ":")))
    scripts = "".join(_script(name) for name in _AT_ONCE if name in needs)
    inlined = " ".join(sorted(needs))
    if links:
        pairs = escape(json.dumps(links, separators=(",", ":")))
        scripts += f'<script data-links="{pairs}">{_read("links.js")}</script>\n'
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Notebook</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_styles()}</style>\n"
        f'<script data-libraries="{libraries}" data-needs="{inlined}">{_read("page.js")}</script>\n'
        f"{scripts}</head>\n"
    )


def _script(library: str) -> str:
    # Scripts of the notebook ask for modules while the page is being read; formulas can wait.
    before, how = "", ""
    if library == "require":
        # By itself it gives a library up after seven seconds, which a slow line needs.
        before = "<script>var require = {waitSeconds: 0}</script>\n"
    if library == "mathjax":
        before, how = f"<script>window.MathJax = {json.dumps(_MATHS)}</script>\n", " defer"
    files = assets.addresses(library)
    return before + "".join(f'<script{how} src="{file}"></script>\n' for file in files)


@cache
def _styles() -> str:
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    # Their backgrounds are ours.
    colours = f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"
    return colours + ".highlight { background: none !important; }\n" + _read("page.css")


def _read(name: str) -> str:
    return (_LOOK / name).read_text()


def _cell(cell: Cell, outputs: Outputs, lexer: str, *, report: bool) -> str:
    """Return one cell, or nothing where nothing of it is to be seen."""
    seen = view(cell, report=report)
    if seen is None:
        return ""
    match cell.kind:
        case "markdown":
            text = prose(cell.source, cell.attachments, outputs)
            inner = f'<div class="jp-RenderedHTMLCommon jp-Markdown" dir="auto">{text}</div>'
            inner = _part(inner, seen.source, "Text")
        case "raw":
            inner = _part(_raw(cell, outputs), seen.source, "Text")
        case _:
            inner = _code(cell, seen, outputs, lexer, report=report)
    if not inner:
        return ""
    kind = {"markdown": "Markdown", "raw": "Raw"}.get(cell.kind, "Code")
    return (
        f'<section class="jp-Cell jp-{kind}Cell" id="podbook-cell-{cell.number}">{inner}</section>'
    )


def _raw(cell: Cell, outputs: Outputs) -> str:
    kind = cell.metadata.get("raw_mimetype") or cell.metadata.get("format")
    if kind == "text/html":
        return f'<div class="jp-RenderedHTMLCommon">{outputs.own.resolve(cell.source)}</div>'
    if kind == "text/markdown":
        text = prose(cell.source, {}, outputs)
        return f'<div class="jp-RenderedHTMLCommon jp-Markdown">{text}</div>'
    return texts.printed(cell.source)


def _code(cell: Cell, seen: View, outputs: Outputs, lexer: str, *, report: bool) -> str:
    count = "" if cell.count is None else cell.count
    prompt = f'<div class="jp-InputPrompt">In&nbsp;[{count}]:</div>'
    editor = f'<div class="jp-InputArea-editor">{texts.code(cell.source, lexer)}</div>'
    wrapped = f'<div class="jp-InputArea">{prompt}{editor}</div>'
    part = _part(wrapped, seen.source, "Code")
    source = f'<div class="jp-Cell-inputWrapper" tabindex="0">{part}</div>' if part else ""
    drawn = outputs.all_of(cell) if seen.outputs is not Seen.ABSENT else ""
    shown = (
        f'<div class="jp-OutputArea">{_part(drawn, seen.outputs, "Output")}</div>' if drawn else ""
    )
    return source + shown


def _part(html: str, seen: Seen, name: str) -> str:
    if seen is Seen.ABSENT:
        return ""
    return f"<details><summary>{name}</summary>{html}</details>" if seen is Seen.FOLDED else html
