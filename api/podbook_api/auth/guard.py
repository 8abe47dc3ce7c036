"""Sends every request with its visitor to the routes, each of which asks for its own right."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from podbook_api.auth.authentication import Callers
from podbook_api.auth.browsers import check_host, check_origin
from podbook_api.auth.caller import Visitor, bring
from podbook_api.auth.proxies import vouched_for
from podbook_api.auth.rbac import Access, User
from podbook_api.http import problems
from podbook_api.settings import AuthMode, Settings

_START_SECONDS: Final = 10.0

Ready = Callable[[], Awaitable[None]]
# What a request calls an object, by its resource, in the cluster's own words.
ObjectName = Callable[[str, str], str]


class Guard:
    """Knows how a request's caller is found out and let in."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        callers: Callers,
        *,
        ready: Ready,
        object_name: ObjectName,
    ) -> None:
        self._app = app
        self._settings = settings
        self._callers = callers
        self._ready = ready
        self._object_name = object_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] == "http":
            bring(scope, Visitor(lambda: self._who(scope), self._admit))
        await self._app(scope, receive, send)

    async def _who(self, scope: Scope) -> User:
        headers = Headers(scope=scope)
        if self._settings.auth is AuthMode.LOOPBACK or self._settings.allowed_hosts:
            check_host(headers, self._settings.allowed_hosts)
        check_origin(scope, headers)
        return await self._callers.who(headers, vouched_for(scope))

    async def _admit(self, user: User, access: Access) -> None:
        """Let in who may; held back while the cluster is being listed: they would find nothing."""
        name = self._object_name(access.resource, access.name) if access.name else ""
        await self._callers.admit(user, replace(access, name=name))
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._ready()
        except TimeoutError as error:
            raise problems.starting() from error
