"""Believes X-Forwarded-* headers, from the proxies that were configured and from nobody else."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from podbook_api.auth.rbac import User

FORWARDED_USER: Final = "podbook.forwarded-user"

_BELIEVED: Final = {
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"x-forwarded-prefix",
    b"x-forwarded-user",
    b"x-forwarded-groups",
}


class Proxies:
    """Rewrites scheme, host and prefix of a request as a trusted proxy saw them."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str], *, root_path: str) -> None:
        self._app = app
        self._root_path = root_path.rstrip("/")
        self._trusted = [ip_network(address, strict=False) for address in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] == "http":
            scope["root_path"] = self._root_path
            headers = scope["headers"]
            told = {name: value.decode("latin-1") for name, value in headers if name in _BELIEVED}
            # Nothing behind this line sees such a header, so nothing can believe a stranger's.
            scope["headers"] = [pair for pair in headers if pair[0] not in _BELIEVED]
            if told and self._trusts(scope):
                _apply(scope, told)
        await self._app(scope, receive, send)

    def _trusts(self, scope: Scope) -> bool:
        try:
            peer = ip_address((scope.get("client") or ("", 0))[0])
        except ValueError:
            return False
        return any(peer in network for network in self._trusted)


def _apply(scope: Scope, told: dict[bytes, str]) -> None:
    scheme = told.get(b"x-forwarded-proto", "")
    if scheme in ("http", "https"):
        scope["scheme"] = scheme
    if host := told.get(b"x-forwarded-host"):
        others = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope["headers"] = [*others, (b"host", host.split(",")[0].strip().encode("latin-1"))]
    if prefix := told.get(b"x-forwarded-prefix", "").rstrip("/"):
        scope["root_path"] = prefix
    if user := told.get(b"x-forwarded-user"):
        groups = [group.strip() for group in told.get(b"x-forwarded-groups", "").split(",")]
        given = tuple(group for group in groups if group)
        scope[FORWARDED_USER] = User(user, (*given, "system:authenticated"))
