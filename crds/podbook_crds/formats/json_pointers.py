"""Names as steps of JSON pointers, and back (RFC 6901)."""

from collections.abc import Iterator
from typing import Final

# Of a pointer, what one name may take: names are the caller's, of any length.
_SHOWN: Final = 200


def escaped(name: str) -> str:
    """Return a name as one step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_step(part: object) -> str:
    """Return a name or an index as a step of a JSON pointer, cut where it is very long."""
    text = str(part)
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "/" + escaped(text)


def unescaped(step: str) -> str:
    """Return the name that a step of a pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def steps(pointer: str) -> Iterator[str]:
    """Yield the names along a pointer, whose first `/` follows whatever stands before it."""
    for step in pointer.split("/")[1:]:
        yield unescaped(step)
