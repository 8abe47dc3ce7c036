"""How a step's request is sent, by both clients alike."""

import json
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from podbook.calling import servers
from podbook.calling.servers import Token
from podbook.calling.steps import Ask

_JSON: Final = {"Content-Type": "application/json"}


# Returns the arguments of a request: with the token as it is now.
Given = Callable[[Ask], dict[str, Any]]


class Server:
    """Who is asked, what is shown to it, and how long a single answer may take."""

    def __init__(self, url: str | None, context: str | None, token: Token, timeout: float) -> None:
        """Raise NoServer where nothing says who is meant."""
        self.url, self._token = servers.meant(url, context, token)
        self._timeout = timeout

    def _given(self, ask: Ask) -> dict[str, Any]:
        """Return the arguments of a request, with the token as it is now."""
        return arguments(ask, self._token, self._timeout)


def settings(url: str, timeout: float) -> dict[str, Any]:
    """Return the arguments of an httpx client."""
    # What HTTP_PROXY names is for the world outside: it cannot reach this machine's own.
    return {"base_url": url, "timeout": timeout, "trust_env": not is_loopback(url)}


def arguments(ask: Ask, token: Token, timeout: float) -> dict[str, Any]:
    """Return the arguments of a request."""
    shown = token() if callable(token) else token
    headers = {**ask.headers, **({"Authorization": f"Bearer {shown}"} if shown else {})}
    found = {"params": dict(ask.params), "headers": headers, "timeout": timeout + ask.seconds}
    if ask.body is None:
        return found
    # Not httpx's own writer: it cannot send lone surrogates, which Python's texts may hold.
    body = json.dumps(ask.body).encode()
    return {**found, "content": body, "headers": {**_JSON, **headers}}


def is_loopback(url: str) -> bool:
    """Whether it is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
