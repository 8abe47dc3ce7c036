"""/v1/session: who calls, and what this caller may do."""

from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of, visitor_of
from podbook_api.auth.rbac import Access
from podbook_api.openapi import route_docs
from podbook_api.wiring import Services
from podbook_crds import names

_ASKED: Final = {
    "notebooks": (names.NOTEBOOK_PLURAL, ("get", "list")),
    "executions": (names.EXECUTION_PLURAL, ("create", "get", "list", "update", "delete")),
}


def router(services: Services) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/session", tags=["session"])

    @routes.get(
        "",
        dependencies=[rights.KNOWN],
        operation_id="getSession",
        summary="Show who calls, and what the caller may do",
        responses=route_docs.answers("Session", 200),
    )
    async def get_session(request: Request) -> Response:
        may = visitor_of(request).may
        allowed = {
            name: [verb for verb in verbs if await may(Access(verb, resource))]
            for name, (resource, verbs) in _ASKED.items()
        }
        session = {
            "user": caller_of(request).shown,
            "auth": services.settings.auth.value,
            "version": version("podbook"),
            "namespace": services.settings.namespace,
            "rights": allowed,
        }
        return JSONResponse(session, headers={"Cache-Control": "no-store"})

    return routes
