"""The ways by which an execution is asked for, and how strictly each checks parameters."""

from enum import StrEnum
from typing import Final


class Surface(StrEnum):
    """What the API writes into names.SURFACE_ANNOTATION; API and operator decide by it."""

    V1 = "v1"
    JUPYREST_A = "jupyrest-a"
    JUPYREST_B = "jupyrest-b"
    JUPYREST_GRPC = "jupyrest-grpc"
    NOTEBURST = "noteburst"
    MCP = "mcp"

    @property
    def is_strict(self) -> bool:
        """Whether formats are asserted, undeclared parameters refused, and first lines counted."""
        return self not in _LENIENT


# Their callers were promised JSON Schema's own defaults.
_LENIENT: Final = frozenset(
    {Surface.JUPYREST_A, Surface.JUPYREST_B, Surface.JUPYREST_GRPC, Surface.NOTEBURST}
)


def is_strict(annotation: str | None) -> bool:
    """Return what holds for the surface of that name; for kubectl, and for what is none, it is."""
    try:
        return Surface(annotation or Surface.V1).is_strict
    except ValueError:
        return True
