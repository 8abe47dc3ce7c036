"""Serves the pages: they hold no data, so that they need no token; the data comes from /v1."""

import gzip
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

import podbook_crds
from podbook_api.auth import rights
from podbook_api.http.paths import path_of, root_of
from podbook_api.http.problems import Problem
from podbook_api.web import policies
from podbook_api.web.presence import Look, Presence

_OWN: Final = Path(__file__).parent
_BUILT: Final = _OWN / "built"
_SCHEMAS: Final = Path(podbook_crds.__file__).parent / "schemas"
_SCHEMA_NAME: Final = re.compile(r"[a-z]+\.json").fullmatch
_HTML: Final = "text/html; charset=utf-8"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# Below these a browser gets what a program gets.
_OF_PROGRAMS: Final = re.compile(r"/(v1|api|noteburst)(/|$)").match


def router(embedders: Sequence[str], pages: Presence) -> APIRouter:
    """Return the routes; embedders are the origins that may show reports in a frame."""
    routes = APIRouter(include_in_schema=False)

    async def notebook(request: Request, path: str) -> Response:
        return await _page_of(request, pages.notebook, path)

    async def execution(request: Request, path: str) -> Response:
        return await _page_of(request, pages.execution, path)

    async def report(request: Request, path: str) -> Response:
        return await _page_of(request, pages.notebook, path, embedders)

    async def frame(request: Request) -> Response:
        headers = policies.frame(request, embedders)
        return Response(_text("frame.html"), media_type=_HTML, headers=headers)

    routes.add_api_route("/", _page, dependencies=[rights.OPEN])
    routes.add_api_route("/executions", _page, dependencies=[rights.OPEN])
    routes.add_api_route("/notebooks/{path:path}", notebook, dependencies=[rights.OPEN])
    routes.add_api_route("/executions/{path:path}", execution, dependencies=[rights.OPEN])
    routes.add_api_route("/assets/{name}", _asset, dependencies=[rights.OPEN])
    routes.add_api_route("/schemas/{name}", _schema, dependencies=[rights.OPEN])
    routes.add_api_route("/reports/{path:path}", report, dependencies=[rights.OPEN])
    routes.add_api_route("/frame", frame, dependencies=[rights.OPEN])
    return routes


def shell(request: Request, *, status: int = 200, embedders: Sequence[str] = ()) -> Response:
    """Return the page that finds out by its own address what to show."""
    root = escape(root_of(request.scope), quote=True)
    text = _text("built/index.html").replace('"./assets/', f'"{root}/assets/')
    headers = policies.shell(request, embedders)
    return Response(text, status_code=status, media_type=_HTML, headers=headers)


def is_navigation(request: Request) -> bool:
    """Tell whether a person's browser asks for a page, and no program for data."""
    return wants_page(request) and not _OF_PROGRAMS(path_of(request.scope))


def wants_page(request: Request) -> bool:
    """Tell whether what asks shows pages to a person."""
    asked = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    return request.method in ("GET", "HEAD") and asked == "text/html"


async def _page(request: Request) -> Response:
    return shell(request)


async def _page_of(
    request: Request, look: Look, path: str, embedders: Sequence[str] = ()
) -> Response:
    """Return the page; 404 where its object is not there, to whoever may know that.

    All others get the page, which asks who they are. A program is told by a problem document.
    """
    asks = is_navigation(request) or "json" in request.headers.get("accept", "")
    missing = await look(request, path) if asks else None
    if missing is not None and not is_navigation(request):
        raise missing
    return shell(request, status=200 if missing is None else 404, embedders=embedders)


async def _schema(name: str) -> Response:
    """Return the JSON Schema of people's own files, for their editors."""
    path = _SCHEMAS / name
    if not _SCHEMA_NAME(name) or not path.is_file():
        raise Problem(404, "unknown-path", "Not Found", f"no schema is called {name[:100]!r}")
    # Any page may read it: it is the same for everybody.
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return Response(path.read_bytes(), media_type="application/schema+json", headers=headers)


async def _asset(request: Request, name: str) -> Response:
    found = _files().get(name)
    if found is None:
        raise Problem(404, "unknown-path", "Not Found", f"no asset is called {name[:100]!r}")
    plain, zipped = found
    headers = {**policies.assets(), "Vary": "Accept-Encoding"}
    media_type = _TYPES.get(Path(name).suffix, "application/octet-stream")
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(zipped, media_type=media_type, headers=headers)
    return Response(plain, media_type=media_type, headers=headers)


@cache
def _text(name: str) -> str:
    return (_OWN / name).read_text(encoding="utf-8")


@cache
def _files() -> dict[str, tuple[bytes, bytes]]:
    """Every asset, whole and zipped: some hundred kilobytes in all."""
    files = sorted((_BUILT / "assets").iterdir())
    return {f.name: (f.read_bytes(), gzip.compress(f.read_bytes(), mtime=0)) for f in files}
