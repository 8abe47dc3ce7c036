"""The names of jupyrest's shared models."""

from podbook.nbschema import ModelCollection, NbSchemaBase

__all__ = ["ModelCollection", "NbSchemaBase"]
