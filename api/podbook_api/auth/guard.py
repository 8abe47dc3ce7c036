"""Decides about every request before any route sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from podbook_api.auth.access import access_of
from podbook_api.auth.browsers import check_host, check_origin
from podbook_api.auth.caller import CALLER
from podbook_api.auth.proxies import FORWARDED_USER
from podbook_api.auth.rbac import Rbac, User
from podbook_api.auth.tokens import TokenFile
from podbook_api.http.paths import path_of
from podbook_api.http.problems import Problem, problem_of
from podbook_api.settings import AuthMode, Settings
from podbook_api.state.cluster import Cluster
from podbook_crds.errors import ClusterUnavailable, PodbookError

# Asked by the kubelet and by supervisors, and they tell nothing.
_OPEN: Final = frozenset({"/healthz", "/readyz"})

_START_SECONDS: Final = 10.0

Ready = Callable[[], Awaitable[None]]
Answer = Callable[[str, Problem], Response]


class Guard:
    """Lets a request through with its caller's name, or answers it."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        cluster: Cluster,
        *,
        ready: Ready,
        answer: Answer,
    ) -> None:
        self._app = app
        self._settings = settings
        self._rbac = Rbac(cluster)
        self._ready = ready
        self._answer = answer
        if settings.auth is AuthMode.TOKEN and settings.auth_token_file is None:
            raise ValueError("PODBOOK_AUTH=token needs PODBOOK_AUTH_TOKEN_FILE")
        self._token = TokenFile(settings.auth_token_file) if settings.auth_token_file else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer it."""
        path = path_of(scope) if scope["type"] == "http" else ""
        if scope["type"] != "http" or path in _OPEN:
            await self._app(scope, receive, send)
            return
        try:
            scope[CALLER] = await self._caller(scope, path)
            await self._started()
        except PodbookError as error:
            await self._answer(path, problem_of(error))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _started(self) -> None:
        """Hold a request back while the cluster is being listed: it would find nothing."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._ready()
        except TimeoutError as error:
            raise ClusterUnavailable("the cluster has not been listed yet") from error

    async def _caller(self, scope: Scope, path: str) -> str:
        headers = Headers(scope=scope)
        if self._settings.auth is AuthMode.LOOPBACK or self._settings.allowed_hosts:
            check_host(headers, self._settings.allowed_hosts)
        check_origin(scope, headers)
        if self._settings.auth is AuthMode.KUBERNETES:
            return await self._cluster_user(scope, headers, path)
        if self._settings.auth is AuthMode.TOKEN and self._token is not None:
            self._token.check(headers)
        return self._settings.auth.value

    async def _cluster_user(self, scope: Scope, headers: Headers, path: str) -> str:
        forwarded = scope.get(FORWARDED_USER)
        if forwarded is not None:
            user = User(forwarded[0], (*forwarded[1], "system:authenticated"))
        else:
            user = await self._rbac.user(headers.get("authorization", ""))
        await self._rbac.check(user, access_of(scope["method"], path))
        return user.name
