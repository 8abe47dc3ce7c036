"""Models that several notebooks share: subclasses of NbSchemaBase under an alias.

Runs in the kernel, on Python 3.8 and later, with the pydantic that is there, 1 or 2.
"""

from __future__ import annotations  # For Python 3.8.

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

__all__ = ["ModelCollection", "NbSchemaBase"]


class NbSchemaBase(BaseModel):
    """The base of a shared model; everything that pydantic offers may be used."""


class ModelCollection:
    """Models by the alias that contracts know them by: `{"$ref": "nbschema://alias"}`."""

    def __init__(self) -> None:
        self._models: dict[str, type[NbSchemaBase]] = {}

    def add_model(
        self, alias: str, model_type: type[NbSchemaBase], overwrite: bool = False
    ) -> None:
        """Add a model; an alias that is there already stays, unless overwrite is set.

        Raises TypeError where model_type is no subclass of NbSchemaBase.
        """
        given: Any = model_type
        if not (isinstance(given, type) and issubclass(given, BaseModel)):
            raise TypeError(f"model {alias!r}: {given!r} is no subclass of NbSchemaBase")
        if overwrite or alias not in self._models:
            self._models[alias] = model_type

    def __iter__(self) -> Iterator[tuple[str, type[NbSchemaBase]]]:
        return iter(self._models.items())

    def __len__(self) -> int:
        return len(self._models)

    def __contains__(self, alias: object) -> bool:
        return alias in self._models

    def __getitem__(self, alias: str) -> type[NbSchemaBase]:
        return self._models[alias]
