"""/v1/blobs: what notebooks are made of, sent before them; only what is missing has to travel."""

from typing import Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.http import bodies
from podbook_api.http.problems import Problem
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.catalog import Blob
from podbook_api.v1.handed import Api, takes_pushes
from podbook_api.wiring import utc_now
from podbook_crds.formats import media_types
from podbook_crds.formats.digests import is_digest
from podbook_crds.names import FILES_LIMIT

routes = APIRouter(prefix="/v1/blobs", tags=["catalog"])

# What a page of another site cannot send without asking first.
_TYPE: Final = media_types.BYTES
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@routes.post(
    "",
    dependencies=[rights.PUSH_BLOBS, Depends(takes_pushes)],
    operation_id="pushBlob",
    summary="Send what a notebook is made of",
    status_code=201,
    responses=route_docs.answers(Blob, 201),
    openapi_extra=_BODY,
)
async def push(request: Request, api: Api) -> Response:
    """Keep the bytes for half an hour, and for as long as a notebook names them."""
    if request.headers.get("content-type", "").strip().lower() != _TYPE:
        raise Problem(415, "not-bytes", "A blob is bytes", f"send Content-Type: {_TYPE}")
    data = await bodies.read(request, limit=FILES_LIMIT)
    view: Blob = {"digest": await api.pushes.blobs.put(data), "size": len(data)}
    return JSONResponse(view, 201)


@routes.get(
    "/{digest}",
    dependencies=[rights.PUSH_BLOBS],
    operation_id="lookForBlob",
    summary="Tell whether a blob need not be sent",
    responses=route_docs.answers(Blob, 200),
)
async def look(digest: str, api: Api) -> Response:
    """200 only for what stays until a push is through; HEAD tells the same."""
    known = is_digest(digest)
    size = await api.pushes.blobs.size(digest, now=utc_now()) if known else None
    if size is None:
        raise Problem(404, "unknown-blob", "No such blob", f"{digest[:100]!r} is not here; POST it")
    view: Blob = {"digest": digest, "size": size}
    return JSONResponse(view)
