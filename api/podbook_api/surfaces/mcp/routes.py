"""/mcp: notebooks as tools for agents, and where it says who lets them in."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.http.paths import base_url
from podbook_api.http.streams import EVENT_STREAM, Stream
from podbook_api.settings import AuthMode
from podbook_api.surfaces.mcp.door import Door, Handed
from podbook_api.wiring import Services

PATH: Final = "/mcp"
# Of these there is no stream but that of a request.
MODERN: Final = ("2026-07-28",)

Notebooks = Annotated[
    str, Query(max_length=512, description="Only ids of these patterns, such as reports/*,sales.")
]


def router(services: Services) -> APIRouter:
    """Return the routes; they are no part of OpenAPI, as the protocol describes itself."""
    routes = APIRouter(include_in_schema=False)
    door = Door(services)

    @routes.post(PATH, dependencies=[rights.AGENT])
    async def answer(notebooks: Notebooks = "") -> Response:
        return Handed(await door.serving())

    # For clients of before 2026, which hold it open to be told that the list has changed.
    @routes.get(PATH, dependencies=[rights.AGENT])
    async def listen(request: Request, notebooks: Notebooks = "") -> Response:
        if request.headers.get("mcp-protocol-version", "") in MODERN:
            raise HTTPException(405)
        return Stream((await door.serving()).notices(), EVENT_STREAM)

    # Tells nothing but where tokens come from, and that before anybody has one.
    @routes.get(rights.PROTECTED_RESOURCE, dependencies=[rights.OPEN])
    @routes.get(rights.PROTECTED_RESOURCE + PATH, dependencies=[rights.OPEN])
    async def metadata(request: Request) -> Response:
        document = {
            "resource": base_url(request.scope) + PATH,
            "resource_name": "Podbook",
            "bearer_methods_supported": ["header"],
        }
        servers = services.settings.authorization_servers
        if services.settings.auth is AuthMode.KUBERNETES and servers:
            document["authorization_servers"] = servers
        return JSONResponse(document)

    return routes
