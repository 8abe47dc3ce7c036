"""Who a request comes from: found out when its route asks for a right, and known from then on."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.types import Scope

from podbook_api.auth.rbac import Access, User
from podbook_api.http.problems import Problem

_VISITOR: Final = "podbook.visitor"

Identify = Callable[[], Awaitable[User]]
Admit = Callable[[User, Access], Awaitable[None]]


class Visitor:
    """One request's caller; nobody knows who, until a right is asked for."""

    def __init__(self, identify: Identify, admit: Admit) -> None:
        self._identify = identify
        self._admit = admit
        self._user: User | None = None

    async def enter(self, access: Access) -> None:
        """Return where the caller may do it; raise Problem 401, 403, 421 or 503."""
        await self._admit(await self.user(), access)

    async def user(self) -> User:
        """Return who it is; raise Problem 401, 403, 421 or 503 where nobody can be made out."""
        if self._user is None:
            self._user = await self._identify()
        return self._user

    async def may(self, access: Access) -> bool:
        """Whether the caller may do it; raise Problem 401 where nobody can be made out."""
        try:
            await self.enter(access)
        except Problem as problem:
            if problem.status != 403:  # noqa: PLR2004
                raise
            return False
        return True

    @property
    def known(self) -> User:
        """Who was let in."""
        if self._user is None:
            raise RuntimeError("no right was asked for before the caller was")
        return self._user


def bring(scope: Scope, visitor: Visitor) -> None:
    """Put the visitor where the request's route finds it."""
    scope[_VISITOR] = visitor


def visitor_of(request: Request) -> Visitor:
    """Return the request's visitor."""
    visitor: Visitor = request.scope[_VISITOR]
    return visitor


def caller_of(request: Any) -> User:
    """Return who makes the request: a user of the cluster, or the one user of a laptop."""
    return visitor_of(request).known
