"""Reads a contract from the parameters cell of a notebook that has no config file."""

from typing import Any

from podbook.infer_contract import infer_contract
from podbook_crds.notebook import Schema


def infer(notebook: dict[str, Any]) -> Schema | None:
    """Return the schema that the parameters cell tells, or None where there is no such cell."""
    return infer_contract(notebook)
