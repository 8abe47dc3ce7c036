"""Plain texts as HTML: what was printed, tracebacks, code."""

import re
from functools import cache
from html import escape
from typing import Any, Final

from nbconvert.filters.ansi import strip_ansi
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from podbook_api.artifacts.rendering.book import Json, text_of
from podbook_api.artifacts.rendering.kinds.terminal import as_html

# Of a traceback, in lines: where it began, and where it raised.
_FIRST: Final = 12
_LAST: Final = 60
_GRID: Final = re.compile(r"^\S.*\S {2,}\S.*$|[│┃|]", re.MULTILINE)


def code(source: str, lexer: str) -> str:
    """Return a cell's code with its words in colours."""
    formatter: Any = HtmlFormatter(cssclass="highlight")
    return str(highlight(source, _lexer(lexer), formatter))


def printed(text: str, *, classes: str = "") -> str:
    """Return text that a terminal would show."""
    lines = " podbook-grid" if len(_GRID.findall(text, 0, 20_000)) > 1 else ""
    return f'<pre dir="auto" class="{classes}{lines}">{_coloured(text)}</pre>'


def error(output: Json, *, report: bool) -> str:
    """Return an error: what was raised, then its traceback, folded; a report leaves that out."""
    name, value = text_of(output.get("ename")), text_of(output.get("evalue"))
    said = f"{name}: {value}" if value else name or "An error without a name"
    traceback = output.get("traceback")
    lines = "\n".join(map(text_of, traceback)) if isinstance(traceback, list) else ""
    raised = f'<pre class="podbook-error" dir="auto">{escape(strip_ansi(said))}</pre>'
    told = lines.splitlines()
    # One that only says the same again is none.
    if report or not strip_ansi(lines).strip() or strip_ansi(lines).strip() == said:
        return raised
    return (
        f"{raised}<details class='podbook-traceback'><summary>Traceback, {len(told):,} lines"
        f"</summary>{_folded(told)}</details>"
    )


def _folded(lines: list[str]) -> str:
    if len(lines) <= _FIRST + _LAST:
        return f"<pre>{_coloured(chr(10).join(lines))}</pre>"
    middle = lines[_FIRST:-_LAST]
    return (
        f"<pre>{_coloured(chr(10).join(lines[:_FIRST]))}</pre>"
        f"<details><summary>{len(middle):,} more lines</summary>"
        f"<pre>{_coloured(chr(10).join(middle))}</pre></details>"
        f"<pre>{_coloured(chr(10).join(lines[-_LAST:]))}</pre>"
    )


def _coloured(text: str) -> str:
    return as_html(_overtyped(text))


def _overtyped(text: str) -> str:
    """Return the text with each step back taken, within its line."""
    if "\b" not in text:
        return text
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept and kept[-1] != "\n":
            kept.pop()
    return "".join(kept)


@cache
def _lexer(name: str) -> Lexer:
    # IPython's own knows %magic and !commands; it is there wherever nbconvert is.
    names = ("ipython3", "python3") if name in ("python", "python3", "ipython3") else (name,)
    for each in names:
        try:
            return get_lexer_by_name(each)
        except ClassNotFound:
            continue
    return TextLexer()
