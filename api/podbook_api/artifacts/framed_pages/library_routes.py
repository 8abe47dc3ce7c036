"""/frame/…: the libraries that pages of notebooks load, for anybody; they hold nothing secret."""

import gzip
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.artifacts.rendering import assets
from podbook_api.auth import rights
from podbook_api.http.problems import Problem

_HEADERS: Final = {
    # A name says its content: whoever has it never asks again.
    "Cache-Control": "public, max-age=31536000, immutable",
    # A page of a notebook has an origin of its own, from which these are foreign.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Encoding",
}


def router() -> APIRouter:
    """Return the route."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route(
        assets.PREFIX + "{name}", serve, methods=["GET"], dependencies=[rights.OPEN]
    )
    return routes


async def serve(request: Request, name: str) -> Response:
    """Send a file, gzipped where the caller reads that."""
    file = assets.by_address().get(assets.PREFIX + name)
    if file is None:
        detail = f"{name[:100]!r} is none of this version's; reload the page that asks for it"
        raise Problem(404, "unknown-path", "There is no such file", detail)
    packed = assets.packed(file)
    media_type = "text/javascript; charset=utf-8"
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {**_HEADERS, "Content-Encoding": "gzip"}
        return Response(packed, media_type=media_type, headers=headers)
    return Response(gzip.decompress(packed), media_type=media_type, headers=_HEADERS)
