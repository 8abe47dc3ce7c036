"""Which cells of a notebook run: said once, for who runs them and for who tells of it later."""

from collections.abc import Mapping
from typing import Any

# What JupyterLab's menu and nbclient call it.
_SKIPPED = "skip-execution"


def is_to_run(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell is code that is meant to run."""
    source = cell.get("source", "")
    return (
        cell.get("cell_type") == "code"
        and bool("".join(source).strip())
        and _SKIPPED not in cell.get("metadata", {}).get("tags", [])
    )
