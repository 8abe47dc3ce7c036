"""Serves the /docs page and the three files that it loads."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import FileResponse

from podbook_api.auth import rights

# Swagger UI as published; the package is never imported, it is only carried along.
_PACKAGE: Final = "fastapi_offline"
_OWN: Final = Path(__file__).parent

_HEADERS: Final = {
    # Nothing from elsewhere, no inline script: the document that it shows holds texts of others.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def router() -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)
    swagger = _swagger_ui()
    files = {
        "": (_OWN / "index.html", "text/html; charset=utf-8"),
        "/start.js": (_OWN / "start.js", "text/javascript; charset=utf-8"),
        "/swagger-ui.js": (swagger / "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        "/swagger-ui.css": (swagger / "swagger-ui.css", "text/css; charset=utf-8"),
    }
    for name, (file, media_type) in files.items():
        _serve(routes, f"/docs{name}", file, media_type)
    return routes


def _serve(routes: APIRouter, path: str, file: Path, media_type: str) -> None:
    # The page shows every contract; its files are of one piece with it.
    @routes.get(path, dependencies=[rights.LIST_NOTEBOOKS])
    async def serve() -> FileResponse:
        return FileResponse(file, media_type=media_type, headers=_HEADERS)


def _swagger_ui() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"/docs needs the package {_PACKAGE}, of the extra podbook[api]")
    return Path(spec.origin).parent / "static"
