"""Writes parameters as Python that people read: real objects where the contract names a model."""

from collections.abc import Mapping
from typing import Any

from podbook_crds.notebook import Schema, SharedModel


def source(
    parameters: Mapping[str, Any], *, schema: Schema, models: Mapping[str, SharedModel]
) -> str:
    """Return the cell's code."""
    return "\n".join(["# Parameters", *(f"{n} = {v!r}" for n, v in parameters.items()), ""])
