"""Tells an observer of every request: its route, how it was answered, and how long that took."""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Route, method, status (0: none was sent), seconds.
Observe = Callable[[str, str, int, float], None]
RouteOf = Callable[[Any], str]

# What a caller may send as a method is without end, and each would be a series of its own.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"


class Measured:
    """Lets every request through, and looks at the clock before and after."""

    def __init__(self, app: ASGIApp, observe: Observe, *, route_of: RouteOf) -> None:
        self._app = app
        self._observe = observe
        self._route_of = route_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, start = 0, monotonic()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else OTHER
            self._observe(self._route_of(scope), method, status, monotonic() - start)


def template_of(scope: Any) -> str:
    """Return the route's path with its parameters' names; what has no route is all one."""
    return str(getattr(scope.get("route"), "path", OTHER))
