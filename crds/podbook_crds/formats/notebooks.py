"""What a value has to have to be a notebook at all; its cells are the runner's to judge."""

from typing import Any


def lacking(value: Any) -> str:
    """Say what a notebook needs and the parsed JSON lacks; "" where it is one."""
    if not isinstance(value, dict) or not isinstance(value.get("nbformat"), int):
        return "it has no nbformat"
    if not isinstance(value.get("cells", value.get("worksheets")), list):
        return "it has no list of cells"
    return ""
