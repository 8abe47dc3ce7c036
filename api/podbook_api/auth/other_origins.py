"""Lets pages of other origins use the API, those that were named exactly (CORS).

Never with cookies or what a browser remembers: a page shows a token that it was given.
"""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALLOWED: Final = "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Prefer"
_EXPOSED: Final = "Location, Retry-After, Podbook-Cache, ETag, WWW-Authenticate"
# What clients of /mcp send and read beside.
_OF_MCP: Final = "Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id"
_METHODS: Final = "GET, HEAD, POST, DELETE"
_SECONDS: Final = "600"


class OtherOrigins:
    """Answers a browser's question beforehand, and says in each answer who may read it."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self._app = app
        self._allowed = frozenset(origin.lower() for origin in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin", "")
        if not self._allowed or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_let_in = origin.lower() in self._allowed

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), origin if is_let_in else "")
            await send(message)

        if not is_let_in:
            await self._app(scope, receive, told)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers=_BEFOREHAND)(scope, receive, told)
        else:
            # From here on it is a request like any other: its token is what counts.
            foreign = (b"origin", b"sec-fetch-site")
            kept = [pair for pair in scope["headers"] if pair[0] not in foreign]
            kept = [pair for pair in kept if pair[0] != b"cookie"]
            await self._app({**scope, "headers": kept}, receive, told)


_BEFOREHAND: Final = {
    "Access-Control-Allow-Methods": _METHODS,
    "Access-Control-Allow-Headers": f"{_ALLOWED}, {_OF_MCP}",
    "Access-Control-Max-Age": _SECONDS,
}


def _tell(headers: MutableHeaders, origin: str) -> None:
    # A cache between must not give one origin what another may read.
    headers.add_vary_header("Origin")
    if origin:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = f"{_EXPOSED}, Mcp-Session-Id"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
