"""What a caller has to be allowed for a route to answer: declared at the route, asked there.

    @routes.get("/{execution_id}", dependencies=[rights.READ_EXECUTION], ...)

The API does not start with a route that declares none: `check` sees to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.routing import BaseRoute

from podbook_api.auth.caller import visitor_of
from podbook_api.auth.rbac import NOBODY, Access, unauthorized
from podbook_api.http import switches
from podbook_api.http.paths import base_url, path_of
from podbook_api.http.problems import Problem
from podbook_crds import names
from podbook_crds.errors import PodbookError

# The query parameter that stands for a right: see artifacts/tickets.py.
TICKET: Final = "ticket"
# Where a client that was refused finds out who gives tokens for a path (RFC 9728).
PROTECTED_RESOURCE: Final = "/.well-known/oauth-protected-resource"


@dataclass(frozen=True, slots=True)
class Right:
    """A verb on a resource of Podbook, in the words of RBAC.

    named is the parameter, of the path or the query, that holds the object's name: only there
    a right to single objects (resourceNames) is one.
    """

    verb: str
    resource: str
    named: str = ""
    group: str = names.GROUP

    async def __call__(self, request: Request) -> None:
        """Let the request in; raise Problem 401, 403 or 421.

        After that, and nowhere else: no route passes over a switch that it does not know.
        """
        sources = (request.path_params, request.query_params)
        found = next((source[self.named] for source in sources if self.named in source), "")
        try:
            await visitor_of(request).enter(self.access(found))
        except PodbookError:
            # Who is refused makes no series of each route in the metrics.
            request.scope["route"] = None
            raise
        switches.check(request)

    def access(self, name: str = "") -> Access:
        """Return what is asked of the cluster."""
        return Access(self.verb, self.resource, name, self.group)


class Open:
    """No right at all: for what tells nothing and does nothing."""

    async def __call__(self, request: Request) -> None:
        """Let anybody in."""
        switches.check(request)


class Known(Open):
    """Whoever the caller is, as long as that can be made out: for what tells of the caller."""

    async def __call__(self, request: Request) -> None:
        """Let the caller in; raise Problem 401 or 421."""
        await visitor_of(request).user()
        switches.check(request)


class Agent(Known):
    """Whoever the caller is; who shows nothing and may nothing is told where tokens come from."""

    async def __call__(self, request: Request) -> None:
        """Let the caller in; raise Problem 401, 403 or 421."""
        visitor = visitor_of(request)
        try:
            user = await visitor.user()
            if user == NOBODY and not await visitor.may(Access("list", names.NOTEBOOK_PLURAL)):
                raise unauthorized("send Authorization: Bearer TOKEN")
        except Problem as problem:
            if problem.status == 401:  # noqa: PLR2004
                address = f"{base_url(request.scope)}{PROTECTED_RESOURCE}{path_of(request.scope)}"
                problem.headers["WWW-Authenticate"] = f'Bearer resource_metadata="{address}"'
            raise
        switches.check(request)


class ReadOrTicket(Right):
    """The right, or a ticket instead of it, which the route itself has to check."""

    async def __call__(self, request: Request) -> None:
        """Let the request in; raise Problem 401, 403 or 421."""
        if TICKET in request.query_params:
            switches.check(request)
        else:
            await super().__call__(request)


_N, _E = names.NOTEBOOK_PLURAL, names.EXECUTION_PLURAL
RUN_RIGHT: Final = Right("create", _E)

# The whole list. A new kind of route gets a line here, and each route names its line.
OPEN: Final = Depends(Open())
KNOWN: Final = Depends(Known())
AGENT: Final = Depends(Agent())
LIST_NOTEBOOKS: Final = Depends(Right("list", _N))
READ_NOTEBOOK: Final = Depends(Right("get", _N, named="notebook_id"))
# Whoever may make notebooks may send what they are made of, and ask whether it is there.
PUSH_BLOBS: Final = Depends(Right("create", _N))
# To push a notebook; the first also where it is new.
CREATE_NOTEBOOK_RIGHT: Final = Right("create", _N)
UPDATE_NOTEBOOK: Final = Depends(Right("update", _N, named="notebook_id"))
DELETE_NOTEBOOK: Final = Depends(Right("delete", _N, named="notebook_id"))
LIST_RIGHT: Final = Right("list", _E)
LIST_EXECUTIONS: Final = Depends(LIST_RIGHT)
RUN: Final = Depends(RUN_RIGHT)
READ_EXECUTION_RIGHT: Final = Right("get", _E, named="execution_id")
READ_EXECUTION: Final = Depends(READ_EXECUTION_RIGHT)
READ_ARTIFACT: Final = Depends(ReadOrTicket("get", _E, named="execution_id"))
# Which execution it leads to is found out by its parameters.
READ_REPORT: Final = Depends(Right("get", _E))
# As the cluster has it: who may read an execution may not read what its containers wrote. That it
# may be read as well is asked at the route.
READ_LOG_RIGHT: Final = Right("get", "pods/log", group="")
READ_LOG: Final = Depends(READ_LOG_RIGHT)
# Likewise what the cluster tells of its pods.
READ_POD_EVENTS: Final = Depends(Right("list", "events", group=""))
READ_JOB: Final = Depends(Right("get", _E, named="job_id"))
READ_ASKED_EXECUTION: Final = Depends(Right("get", _E, named="executionId"))
# To cancel it, and to have it kept.
CHANGE_EXECUTION: Final = Depends(Right("update", _E, named="execution_id"))
DELETE_EXECUTION: Final = Depends(Right("delete", _E, named="execution_id"))


class NoRight(Exception):
    """A route says nothing of who may ask it, or something that cannot hold."""


def check(routes: Iterable[BaseRoute]) -> None:
    """Raise NoRight unless every route declares one right."""
    for route in iter_route_contexts(list(routes)):
        right_of(route)


def right_of(route: Any) -> Right | Open:
    """Return the right that a route declares; raise NoRight."""
    shown = f"{' '.join(sorted(route.methods or ()))} {route.path}".strip()
    if not isinstance(route.original_route, APIRoute):
        raise NoRight(f"{shown} is no route of an APIRouter: no right can stand at it")
    declared = [depends.dependency for depends in route.dependencies]
    found = [right for right in declared if isinstance(right, Right | Open)]
    if len(found) != 1:
        raise NoRight(
            f"{shown} declares {len(found)} rights; name one of podbook_api.auth.rights,"
            " as in dependencies=[rights.READ_EXECUTION]"
        )
    if isinstance(found[0], Right) and found[0].named not in _parameters(route):
        raise NoRight(f"{shown} has no parameter {found[0].named!r}, by which its right is asked")
    return found[0]


def _parameters(route: Any) -> set[str]:
    of_query = {parameter.alias for parameter in route.dependant.query_params}
    return {"", *route.param_convertors, *of_query}
