"""The part of the document that is made from the routes: the same whatever the catalog holds."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from podbook_api.openapi import schema_dialect
from podbook_api.openapi.references import COMPONENTS
from podbook_api.v1.answers.problem import Problem
from podbook_api.v1.requests import (
    InlineRequest,
    PushRequest,
    RerunRequest,
    RunRequest,
    TicketRequest,
)

Document = dict[str, Any]

_OURS: Final = "/v1/"
_VERSION: Final = "0.1.0"
_DESCRIPTION: Final = (
    "Any notebook, a typed API; every run, its own pod. Below, each notebook is an operation:"
    " open one, fill in its parameters, execute it."
)


def fixed(app: FastAPI, *, older: bool) -> Document:
    """Return the routes and what they refer to; older ones only where they are wanted."""
    document = get_openapi(
        title="Podbook", version=_VERSION, description=_DESCRIPTION, routes=app.routes
    )
    paths = {
        path: operations
        for path, operations in document["paths"].items()
        if older or path.startswith(_OURS)
    }
    for operation in (o for operations in paths.values() for o in operations.values()):
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = schema_dialect.component(parameter["schema"])
    found = {**document.get("components", {}).get("schemas", {}), **_beside_routes()}
    schemas = {name: schema_dialect.component(schema) for name, schema in found.items()}
    return {**document, "paths": paths, "components": {"schemas": schemas}}


def _beside_routes() -> Document:
    """What routes refer to by name: bodies, which they read themselves, and what they refuse by."""
    found: Document = {}
    for model, mode in (
        (RunRequest, "validation"),
        (InlineRequest, "validation"),
        (RerunRequest, "validation"),
        (PushRequest, "validation"),
        (TicketRequest, "validation"),
        (Problem, "serialization"),
    ):
        schema = TypeAdapter(model).json_schema(
            mode=mode,  # type: ignore[arg-type]
            ref_template=f"{COMPONENTS}{{model}}",
        )
        found |= {**schema.pop("$defs", {}), model.__name__: schema}
    return found
