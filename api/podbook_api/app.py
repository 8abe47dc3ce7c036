"""The user's application: routes, errors as answers, and what guards both."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Scope

from podbook_api.artifacts.framed_pages import library_routes
from podbook_api.auth import rights
from podbook_api.auth.caller import visitor_of
from podbook_api.auth.guard import Guard
from podbook_api.auth.other_origins import OtherOrigins
from podbook_api.auth.proxies import Proxies
from podbook_api.http import wrong_values
from podbook_api.http.head_requests import Heads
from podbook_api.http.observed_requests import Measured, Observe, template_of
from podbook_api.http.paths import path_of
from podbook_api.http.problems import Kind, Problem, problem_of
from podbook_api.http.waiting import HungUp
from podbook_api.openapi import document
from podbook_api.surfaces import errors, jupyrest_async, jupyrest_sync, noteburst
from podbook_api.surfaces.mcp import routes as mcp
from podbook_api.v1 import (
    artifacts,
    events,
    executions,
    notebooks,
    reports,
    reruns,
    runs,
)
from podbook_api.v1.catalog import blobs, flushes, followed, pushes, versions
from podbook_api.v1.sessions import health, session, tickets
from podbook_api.web import routes as web
from podbook_api.web.docs import routes as docs
from podbook_api.web.presence import Presence
from podbook_api.wiring import Services
from podbook_crds.errors import PodbookError

ExceptionHandler = Callable[[Request, Exception], Awaitable[Response]]

_log = logging.getLogger(__name__)

# Artifacts first: a notebook id and an artifact's name may hold slashes, an execution's not.
_OURS: Final = (
    tickets,
    artifacts,
    events,
    reruns,
    runs,
    executions,
    notebooks,
    pushes,
    flushes,
    blobs,
    versions,
    followed,
    reports,
    session,
    health,
)
_OLDER: Final = (jupyrest_sync, jupyrest_async, noteburst)


def build(services: Services) -> FastAPI:
    """Return the application; raise NoRight where a route does not say who may ask it."""
    app = FastAPI(
        title="Podbook",
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    routers = [
        *(part.routes for part in (*_OURS, *_OLDER)),
        docs.router(),
        library_routes.router(),
        web.router(
            list(services.settings.embed_origins),
            Presence(services.executions, services.index, services.notebooks),
        ),
        mcp.router(services),
        document.router(app, services.catalog, services.notebooks),
        _own_routes(services),
    ]
    for router in routers:
        app.include_router(router)
    rights.check(app.routes)
    app.add_exception_handler(PodbookError, _podbook_error)
    app.add_exception_handler(HTTPException, _http_error(routers))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HungUp, _hung_up)
    app.add_exception_handler(Exception, _failed)
    return app


def guarded(services: Services, observe: Observe | None = None) -> ASGIApp:
    """Return the application behind everything that is the same for all routes.

    observe is told of every request, those that are refused included.
    """
    guard: ASGIApp = Guard(
        build(services),
        services.settings,
        services.callers,
        ready=services.ready,
        object_name=services.catalog.object_name,
    )
    if observe is not None:
        guard = Measured(guard, observe, route_of=template_of)
    outside = OtherOrigins(Heads(guard), services.settings.allowed_origins)
    return Proxies(outside, services.settings)


def _own_routes(services: Services) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    # Asked by the kubelet and by supervisors, and they tell nothing.
    routes.add_api_route("/healthz", _healthz, dependencies=[rights.OPEN])
    routes.add_api_route("/readyz", _readyz(services), dependencies=[rights.OPEN])
    return routes


async def _healthz() -> Response:
    return PlainTextResponse("ok")


def _readyz(services: Services) -> Any:
    async def readyz() -> Response:
        if services.is_ready:
            return PlainTextResponse("ready")
        return PlainTextResponse("the cluster has not been listed yet", status_code=503)

    return readyz


def _answer(request: Request, problem: Problem) -> Response:
    return errors.response(path_of(request.scope), problem)


async def _podbook_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, PodbookError):
        raise error
    problem = problem_of(error)
    if problem.kind == "ticket-refused" and web.wants_page(request):
        return web.shell(request, status=problem.status)
    if problem.status >= 500:  # noqa: PLR2004
        _log.warning("%s %s: %s", request.method, request.url.path, error)
    return _answer(request, problem)


def _http_error(routers: Sequence[APIRouter]) -> ExceptionHandler:
    kinds: dict[int, Kind] = {404: "unknown-path", 405: "method-not-allowed"}

    async def http_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        if error.status_code == 404 and web.is_navigation(request):  # noqa: PLR2004
            return web.shell(request, status=404)
        try:
            # No route asked who it is; where nobody is let in, not even this is told.
            await visitor_of(request).user()
        except PodbookError as refusal:
            return await _podbook_error(request, refusal)
        headers, detail = dict(error.headers or {}), ""
        path = str(request.scope["path"])[:200]
        if error.status_code == 404:  # noqa: PLR2004
            detail = f"nothing is served at {path!r}; /openapi.json lists what is"
        elif error.status_code == 405:  # noqa: PLR2004
            headers["Allow"] = ", ".join(sorted(_allowed(request.scope, routers)))
            detail = f"{path!r} takes {headers['Allow']}, not {request.method[:20]}"
        kind = kinds.get(error.status_code, "invalid-request")
        problem = Problem(error.status_code, kind, error.detail, detail, headers=headers)
        return _answer(request, problem)

    return http_error


def _allowed(scope: Scope, routers: Sequence[APIRouter]) -> set[str]:
    """Return the methods of every route of the path: starlette names the first route's alone."""
    routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
    found = [
        route.methods or set() for route in routes if route.matches(scope)[0] is not Match.NONE
    ]
    methods = set().union(*found)
    return methods | ({"HEAD"} if "GET" in methods else set())


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = wrong_values.violations(error.errors())
    title, detail = "The query or a header does not fit", wrong_values.listed(found)
    return _answer(request, Problem(422, "invalid-request", title, detail, violations=found))


async def _failed(request: Request, _: Exception) -> Response:
    # The server logs it with its traceback: starlette raises it again once this is sent.
    return _answer(request, Problem(500, "internal-error", "Podbook failed; its log says where"))


async def _hung_up(_: Request, __: Exception) -> Response:
    # Nobody reads it; nginx's number for it keeps the access log honest.
    return Response(status_code=499)
