"""The OpenAPI document: the fixed routes, and one operation for each notebook."""

import contextlib
import hashlib
import json
import re
from collections import OrderedDict
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.http.paths import root_of
from podbook_api.openapi import contract_schemas, route_docs
from podbook_api.openapi.examples import example
from podbook_api.openapi.schemas import reference, schemas
from podbook_api.state.catalog import Catalog, Entry
from podbook_api.state.notebooks import Notebooks
from podbook_crds.checking.at_once import found
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract

Document = dict[str, Any]

_KEPT: Final = 16
_VERSION: Final = "0.1.0"
_DESCRIPTION: Final = (
    "Any notebook, a typed API; every run, its own pod. Below, each notebook is an operation:"
    " open one, fill in its parameters, execute it."
)


class Documents:
    """Builds the document anew whenever the catalog has changed, and no more often."""

    def __init__(self, app: FastAPI, catalog: Catalog) -> None:
        self._app = app
        self._catalog = catalog
        self._fixed: Document | None = None
        self._built: OrderedDict[tuple[int, str, str | None], tuple[bytes, str]] = OrderedDict()

    def get(self, *, root: str, only: Entry | None) -> tuple[bytes, str]:
        """Return the document, of all notebooks or of one, and its ETag."""
        entries = [only] if only else self._catalog.entries()
        key = (self._catalog.generation, root, only.notebook.id if only else None)
        built = self._built.get(key)
        if built is None:
            body = json.dumps(self._document(entries, root=root)).encode()
            built = (body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
            self._built[key] = built
            while len(self._built) > _KEPT:
                self._built.popitem(last=False)
        return built

    def _document(self, entries: list[Entry], *, root: str) -> Document:
        if self._fixed is None:
            self._fixed = _fixed(self._app)
        paths, components = {}, dict(self._fixed["components"]["schemas"])
        for entry in entries:
            path = f"/v1/notebooks/{quote(entry.notebook.id)}/executions"
            operation, its_schemas = _operation(entry)
            paths[path] = {"post": operation}
            components |= its_schemas
        return {
            **self._fixed,
            **({"servers": [{"url": root}]} if root else {}),
            "paths": {**paths, **self._fixed["paths"]},
            "components": {"schemas": components},
        }


def router(app: FastAPI, catalog: Catalog, notebooks: Notebooks) -> APIRouter:
    """Return the route of the document."""
    documents = Documents(app, catalog)
    routes = APIRouter()

    @routes.get("/openapi.json", dependencies=[rights.LIST_NOTEBOOKS], include_in_schema=False)
    async def openapi(request: Request, notebook: str | None = None) -> Response:
        only = await notebooks.find(notebook) if notebook else None
        body, etag = documents.get(root=root_of(request.scope), only=only)
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return routes


def _fixed(app: FastAPI) -> Document:
    document = get_openapi(
        title="Podbook", version=_VERSION, description=_DESCRIPTION, routes=app.routes
    )
    own = document.setdefault("components", {}).setdefault("schemas", {})
    document["components"] = {"schemas": {**own, **schemas()}}
    return document


def _operation(entry: Entry) -> tuple[Document, Document]:
    """Return the operation that runs the notebook, and the schemas that it refers to."""
    spec, name = entry.notebook.spec, _name(entry.notebook.id)
    components: Document = {}
    for part, schema in (("input", spec.input), ("output", spec.output)):
        if schema is not None:
            with contextlib.suppress(RecursionError):  # Nested so deeply, it is nobody's contract.
                components |= contract_schemas.components(
                    schema, spec.models, name=f"{name}.{part}"
                )
    takes, gives = f"{name}.input" in components, f"{name}.output" in components
    parameters = {"parameters": reference(f"{name}.input")} if takes else {}
    required = ["parameters"] if takes and (spec.input or {}).get("required") else []
    request = {"properties": parameters, "required": required}
    output = {"properties": {"output": {"anyOf": [reference(f"{name}.output"), {"type": "null"}]}}}
    components[f"{name}.request"] = {"allOf": [reference("RunRequest"), request]}
    components[f"{name}.execution"] = {
        "allOf": [reference("Execution"), *([output] if gives else [])]
    }
    operation = {
        "tags": ["run a notebook"],
        "operationId": f"run_{name}",
        "summary": f"Run {entry.notebook.id}{' (cannot be run now)' if entry.problem else ''}",
        **({"description": f"**{entry.problem}**"} if entry.problem else {}),
        "parameters": _PARAMETERS,
        **route_docs.body(reference(f"{name}.request"), example=_example(entry, name, components)),
        "responses": {
            str(status): answer
            for status, answer in route_docs.run_answers(f"{name}.execution").items()
        },
    }
    return operation, components


def _example(entry: Entry, name: str, components: Document) -> Document | None:
    """Return a body that the notebook takes, so that trying it out needs no editing."""
    spec = entry.notebook.spec
    if not spec.input:
        return {"parameters": {}}
    parameters = example(reference(f"{name}.input"), components)
    try:
        wrong = found(parameters, Contract(spec.input, spec.models), root="", formats=True)
    except InvalidContract:
        return None
    # None is not known at once: for an example, nobody waits.
    is_fitting = wrong == [] and isinstance(parameters, dict)
    return {"parameters": parameters} if is_fitting else None


def _name(notebook_id: str) -> str:
    """Return the notebook's part of names: of its id alone, so that it never changes."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", notebook_id).strip("_")
    if name == notebook_id:
        return name
    return f"{name or 'notebook'}_{hashlib.sha256(notebook_id.encode()).hexdigest()[:8]}"


_PARAMETERS: Final = [
    {
        "name": "wait",
        "in": "query",
        "description": "Seconds to wait for the end, at most 60.",
        "schema": {"type": "number", "minimum": 0, "maximum": 60},
    },
    {
        "name": "dryRun",
        "in": "query",
        "description": "Only show the notebook with its parameters; run nothing.",
        "schema": {"type": "boolean", "default": False},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same body leads to the same execution.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
]
