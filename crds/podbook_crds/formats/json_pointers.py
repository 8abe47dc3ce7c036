"""Names as steps of JSON pointers, and back (RFC 6901)."""

from collections.abc import Iterator


def escaped(name: str) -> str:
    """Return a name as one step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """Return the name that a step of a pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def steps(pointer: str) -> Iterator[str]:
    """Yield the names along a pointer, whose first `/` follows whatever stands before it."""
    for step in pointer.split("/")[1:]:
        yield unescaped(step)
