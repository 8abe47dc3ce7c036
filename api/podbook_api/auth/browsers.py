"""Keeps pages of other sites from using the API through the browser of someone who may."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from podbook_api.http.problems import Problem

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def check_host(headers: Headers, allowed: Collection[str]) -> None:
    """Raise Problem 421 unless the Host is this machine or an allowed name.

    A name that another site's owner points at 127.0.0.1 makes that site's pages this API's own
    to a browser; its Host header gives it away.
    """
    host = _host_name(headers.get("host", ""))
    if host not in _THIS_MACHINE and host not in {name.lower() for name in allowed}:
        raise Problem(
            421,
            "unknown-host",
            "The Host header names another machine",
            f"{host[:100]!r} is neither localhost nor an allowed host; see PODBOOK_ALLOWED_HOSTS",
        )


def check_origin(scope: Scope, headers: Headers) -> None:
    """Raise Problem 403 for what a page of another origin asks for; links to here are fine."""
    origin = headers.get("origin")
    if origin is not None:
        own = f"{scope.get('scheme', 'http')}://{headers.get('host', '')}".lower()
        if origin.lower() != own:
            raise _foreign(f"the request comes from a page of {origin[:100]!r}")
        return
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return
    followed = scope["method"] in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
    if not followed or headers.get("sec-fetch-dest") not in ("document", None):
        raise _foreign("a page of another site asks for it")


def _foreign(detail: str) -> Problem:
    return Problem(403, "foreign-origin", "Pages of other sites may not use this API", detail)


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
