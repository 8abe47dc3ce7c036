"""/v1/session: who calls, and what this caller may do."""

from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of, visitor_of
from podbook_api.auth.rbac import Access
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.session import Session
from podbook_api.v1.handed import Api
from podbook_crds import names

_GROUPS: Final = {"logs": "", "events": ""}
_ASKED: Final = {
    "notebooks": (names.NOTEBOOK_PLURAL, ("get", "list")),
    "logs": ("pods/log", ("get",)),
    "events": ("events", ("list",)),
    "executions": (names.EXECUTION_PLURAL, ("create", "get", "list", "update", "delete")),
}

routes = APIRouter(prefix="/v1/session", tags=["session"])


@routes.get(
    "",
    dependencies=[rights.KNOWN],
    operation_id="getSession",
    summary="Show who calls, and what the caller may do",
    responses=route_docs.answers(Session, 200),
)
async def get_session(request: Request, api: Api) -> Response:
    """Ask the cluster for each right."""
    session: Session = {
        "user": caller_of(request).shown,
        "auth": api.settings.auth.value,
        "version": version("podbook"),
        "namespace": api.settings.namespace,
        "rights": await _rights(request),
    }
    return JSONResponse(session, headers={"Cache-Control": "no-store"})


async def _rights(request: Request) -> dict[str, list[str]]:
    may = visitor_of(request).may
    return {
        name: [verb for verb in verbs if await may(_access(name, verb, resource))]
        for name, (resource, verbs) in _ASKED.items()
    }


def _access(name: str, verb: str, resource: str) -> Access:
    return Access(verb, resource, group=_GROUPS.get(name, names.GROUP))
