"""Turns a traceback as terminals show it into plain text."""

import re
from typing import Final

_ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def without_colours(text: str) -> str:
    """Return the text without the escape sequences that colour it."""
    return _ANSI.sub("", text)
