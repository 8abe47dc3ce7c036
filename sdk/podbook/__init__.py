"""What notebooks and people import: save_output, shared models, the client, the command line.

Notebooks import it in every kernel, from Python 3.8 on: what is more than the standard library is
imported when it is asked for.
"""

from __future__ import annotations  # For Python 3.8.

from typing import TYPE_CHECKING, Any

from podbook.save_output import save_output

if TYPE_CHECKING:
    from podbook.nbschema import ModelCollection, NbSchemaBase

__all__ = ["ModelCollection", "NbSchemaBase", "save_output"]

_LATER = {"ModelCollection": "podbook.nbschema", "NbSchemaBase": "podbook.nbschema"}


def __getattr__(name: str) -> Any:
    """Import what is asked for by name."""
    if name not in _LATER:
        raise AttributeError(f"module 'podbook' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATER[name]), name)
