"""What notebooks and people import: save_output, shared models, the client, the command line.

Notebooks import it in every kernel, from Python 3.8 on: what is more than the standard library is
imported when it is asked for.
"""

from __future__ import annotations  # For Python 3.8.

from typing import TYPE_CHECKING, Any

from podbook.save_output import save_output

if TYPE_CHECKING:
    from podbook.calling.asynchronous import AsyncClient
    from podbook.calling.outcomes import (
        CallerFault,
        ClusterFault,
        ExecutionCancelled,
        ExecutionFailed,
        NoOutput,
        NotebookFault,
        NotebookRaised,
        OutputInvalid,
    )
    from podbook.calling.servers import NoServer
    from podbook.calling.sync import Client
    from podbook.client import Podbook
    from podbook.nbschema import ModelCollection, NbSchemaBase
    from podbook.refusals import (
        ApiError,
        Forbidden,
        InvalidParameters,
        NotFound,
        PodbookError,
        QueueFull,
        Unreachable,
    )

__all__ = [
    "ApiError",
    "AsyncClient",
    "CallerFault",
    "Client",
    "ClusterFault",
    "ExecutionCancelled",
    "ExecutionFailed",
    "Forbidden",
    "InvalidParameters",
    "ModelCollection",
    "NbSchemaBase",
    "NoOutput",
    "NoServer",
    "NotFound",
    "NotebookFault",
    "NotebookRaised",
    "OutputInvalid",
    "Podbook",
    "PodbookError",
    "QueueFull",
    "Unreachable",
    "save_output",
]

_LATER = {
    "ApiError": "podbook.refusals",
    "AsyncClient": "podbook.calling.asynchronous",
    "CallerFault": "podbook.calling.outcomes",
    "Client": "podbook.calling.sync",
    "ClusterFault": "podbook.calling.outcomes",
    "ExecutionCancelled": "podbook.calling.outcomes",
    "ExecutionFailed": "podbook.calling.outcomes",
    "Forbidden": "podbook.refusals",
    "InvalidParameters": "podbook.refusals",
    "ModelCollection": "podbook.nbschema",
    "NbSchemaBase": "podbook.nbschema",
    "NoOutput": "podbook.calling.outcomes",
    "NoServer": "podbook.calling.servers",
    "NotFound": "podbook.refusals",
    "NotebookFault": "podbook.calling.outcomes",
    "NotebookRaised": "podbook.calling.outcomes",
    "OutputInvalid": "podbook.calling.outcomes",
    "Podbook": "podbook.client",
    "PodbookError": "podbook.refusals",
    "QueueFull": "podbook.refusals",
    "Unreachable": "podbook.refusals",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for by name."""
    if name not in _LATER:
        raise AttributeError(f"module 'podbook' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATER[name]), name)
