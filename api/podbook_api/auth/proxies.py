"""Believes headers of proxies, from the proxies that were configured and from nobody else."""

import hmac
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from podbook_api.auth.rbac import User
from podbook_api.http.problems import Problem
from podbook_api.settings import Settings

_SAID: Final = "podbook.proxy-said"

_PLACE: Final = {b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-prefix"}
# Dropped also where other headers, or none, are configured to say who calls.
_IDENTITY: Final = {b"x-forwarded-user", b"x-forwarded-groups"}
# By which a proxy shows that it is one: an address alone is anybody's who shares its node.
SECRET: Final = b"x-podbook-proxy-secret"
# The cluster's own, which only the cluster itself may say of anybody.
_RESERVED: Final = "system:"


@dataclass(frozen=True, slots=True)
class _Said:
    users: list[str]
    groups: list[str]
    is_proven: bool = False


class Proxies:
    """Rewrites scheme, host and prefix of a request as a trusted proxy saw them.

    Who calls is taken from the two headers that are configured for it, beside the shared secret.
    The proxy has to set, or remove, both on every request: it is believed whatever stands there.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._root_path = settings.root_path.rstrip("/")
        self._trusted = [ip_network(each, strict=False) for each in settings.trusted_proxies]
        self._user = settings.forwarded_user_header.lower().encode()
        self._groups = settings.forwarded_groups_header.lower().encode()
        self._secret = settings.forwarded_secret_file
        self._dropped = {SECRET} | _PLACE | _IDENTITY | ({self._user, self._groups} - {b""})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] == "http":
            scope["root_path"] = self._root_path
            headers = scope["headers"]
            told = [pair for pair in headers if pair[0] in self._dropped]
            if told:
                # Nothing behind this line sees such a header, so nothing can believe a stranger's.
                scope["headers"] = [pair for pair in headers if pair[0] not in self._dropped]
                if self._trusts(scope):
                    _apply(scope, {name: value.decode("latin-1") for name, value in told})
                    scope[_SAID] = self._said(told)
        await self._app(scope, receive, send)

    def _said(self, told: list[tuple[bytes, bytes]]) -> _Said:
        users, groups = _texts(told, self._user), _texts(told, self._groups)
        if not users and not groups:
            return _Said(users, groups)
        shown = [value for name, value in told if name == SECRET]
        return _Said(users, groups, is_proven=_is_proven(shown, self._secret))

    def _trusts(self, scope: Scope) -> bool:
        try:
            peer = ip_address((scope.get("client") or ("", 0))[0])
        except ValueError:
            return False
        return any(peer in network for network in self._trusted)


def vouched_for(scope: Scope) -> User | None:
    """Return the user that a trusted proxy names, None where it names none.

    Raises Problem where that is nobody whom a proxy may name: 400, or 403.
    """
    said: _Said = scope.get(_SAID) or _Said([], [])
    if len(said.users) > 1 or len(said.groups) > 1:
        # The caller's own header beside the proxy's: no telling which is which.
        detail = "the proxy has to replace the headers that say who calls, not to add to them"
        raise Problem(400, "two-identities", "Who calls is said twice", detail)
    if (said.users or said.groups) and not said.is_proven:
        raise Problem(
            403,
            "unproven-proxy",
            "Who says who calls does not show that it may",
            f"send {SECRET.decode()} with the secret of PODBOOK_FORWARDED_SECRET_FILE, from the"
            " proxy alone",
        )
    user = "".join(said.users).strip(" \t")
    groups = [group.strip(" \t") for group in "".join(said.groups).split(",")]
    for name in (user, *groups):
        if name.startswith(_RESERVED):
            detail = (
                f"no proxy may say that a caller is {name[:200]!r}: {_RESERVED} is the cluster's"
            )
            raise Problem(403, "reserved-identity", "The proxy's word does not count here", detail)
    if not user:
        return None
    return User(user, (*(group for group in groups if group), "system:authenticated"))


def _is_proven(shown: list[bytes], secret: Path | None) -> bool:
    """Whether the one secret was shown; the file is read each time: replacing it replaces it."""
    if secret is None or len(shown) != 1:
        return False
    try:
        expected = secret.read_bytes().strip()
    except OSError:
        return False
    return bool(expected) and hmac.compare_digest(shown[0].strip(), expected)


def _texts(told: list[tuple[bytes, bytes]], header: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in told if header and name == header]


def _apply(scope: Scope, told: dict[bytes, str]) -> None:
    scheme = told.get(b"x-forwarded-proto", "")
    if scheme in ("http", "https"):
        scope["scheme"] = scheme
    if host := told.get(b"x-forwarded-host"):
        others = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope["headers"] = [*others, (b"host", host.split(",")[0].strip().encode("latin-1"))]
    if prefix := told.get(b"x-forwarded-prefix", "").rstrip("/"):
        scope["root_path"] = prefix
