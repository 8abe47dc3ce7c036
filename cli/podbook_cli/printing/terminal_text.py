"""What somebody else wrote, such as a notebook, as a terminal may be given it."""

import re
from typing import Final

# Colours and whatever else a text may do to a terminal.
_ESCAPES: Final = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~])?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def plain(text: str) -> str:
    """Return the text without anything that paints or moves."""
    return _ESCAPES.sub("", text)


def coloured(text: str) -> str:
    """Return the text with its colours, and without anything else of that kind."""
    return _ESCAPES.sub(lambda found: found[0] if _COLOUR.fullmatch(found[0]) else "", text)


def first_line(text: str, width: int) -> str:
    """Return the first line that says something, as much of it as there is room for."""
    lines = (line.strip() for line in plain(text).splitlines())
    line = next((line for line in lines if line), "")
    return line if len(line) <= width else f"{line[: width - 1]}…"
