"""The sentences that stand where something is not drawn."""

import re
from html import escape
from typing import Final

_ELSEWHERE: Final = "it is in notebook.ipynb"
# What the runner writes into a text where it kept less than was shown.
_LEFT_OUT: Final = re.compile(r"^\[Podbook: (.*)\]$", re.MULTILINE)


def note(text: str) -> str:
    """Return a sentence of ours, told apart from what the notebook says."""
    return f'<p class="podbook-note" role="note">{escape(text)}</p>'


def not_drawn(media_types: list[str]) -> str:
    """Say that no type of an output is one that pages draw."""
    if not media_types:
        return note("An output without content.")
    named = ", ".join(media_types[:5])
    return note(f"An output of type {named} is not drawn here; {_ELSEWHERE}.")


def parted(plain: str) -> tuple[str, list[str]]:
    """Part an output's text from what the runner says there of what it did not keep."""
    said = _LEFT_OUT.findall(plain)
    return (_LEFT_OUT.sub("", plain).rstrip("\n") if said else plain), said


def left_out(said: list[str], drawn: str) -> str:
    """Say what is missing of an output that is drawn as that type."""
    # A figure's data are enough for it: the library that HTML brought along is ours.
    whole = drawn.startswith("application/vnd.plotly.")
    return "".join(
        note(f"{text}. A file in artifacts/ may be larger.")
        for text in said
        if not (whole and text.startswith("text/html "))
    )
