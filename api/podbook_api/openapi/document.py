"""The OpenAPI document: the fixed routes, and one operation for each notebook."""

import hashlib
import json
from typing import Annotated, Any, Final, Literal

from cachetools import FIFOCache
from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.http.paths import root_of
from podbook_api.openapi import notebook_operations
from podbook_api.openapi.component_names import ComponentNames
from podbook_api.openapi.fixed_part import fixed
from podbook_api.state.catalog import Catalog, Entry
from podbook_api.state.notebooks import Notebooks

Document = dict[str, Any]

_KEPT: Final = 16

Surface = Annotated[
    Literal["v1"] | None, Query(description="v1 leaves the surfaces of older systems out.")
]


class Documents:
    """Builds the document anew whenever the catalog has changed, and no more often."""

    def __init__(self, app: FastAPI, catalog: Catalog) -> None:
        self._app = app
        self._catalog = catalog
        self._fixed: dict[bool, Document] = {}
        self._built: FIFOCache[Any, tuple[bytes, str]] = FIFOCache(_KEPT)

    def get(self, *, root: str, only: Entry | None, older: bool) -> tuple[bytes, str]:
        """Return the document, of all notebooks or of one, and its ETag."""
        entries = [only] if only else self._catalog.entries()
        key = (self._catalog.generation, root, only.notebook.id if only else None, older)
        built = self._built.get(key)
        if built is None:
            body = json.dumps(self._document(entries, root=root, older=older)).encode()
            built = (body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
            self._built[key] = built
        return built

    def _document(self, entries: list[Entry], *, root: str, older: bool) -> Document:
        if older not in self._fixed:
            self._fixed[older] = fixed(self._app, older=older)
        fixed_part = self._fixed[older]
        paths, components = {}, dict(fixed_part["components"]["schemas"])
        names = ComponentNames(components)
        # Of the whole catalog: a notebook has one name, in the document of all and in its own.
        ids = {entry.notebook.id for entry in [*self._catalog.entries(), *entries]}
        named = notebook_operations.names_of(ids)
        for entry in entries:
            name = named[entry.notebook.id]
            operation, schemas = notebook_operations.operation(entry, name, names)
            paths[notebook_operations.path_of(entry)] = {"post": operation}
            components |= schemas
        return {
            **fixed_part,
            **({"servers": [{"url": root}]} if root else {}),
            "paths": {**paths, **fixed_part["paths"]},
            "components": {"schemas": components},
        }


def router(app: FastAPI, catalog: Catalog, notebooks: Notebooks) -> APIRouter:
    """Return the route of the document."""
    documents = Documents(app, catalog)
    routes = APIRouter()

    @routes.get("/openapi.json", dependencies=[rights.LIST_NOTEBOOKS], include_in_schema=False)
    async def openapi(
        request: Request, notebook: str | None = None, surface: Surface = None
    ) -> Response:
        only = await notebooks.find(notebook) if notebook else None
        root, older = root_of(request.scope), surface is None
        body, etag = documents.get(root=root, only=only, older=older)
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return routes
