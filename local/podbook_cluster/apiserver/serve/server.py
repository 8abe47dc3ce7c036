"""Takes HTTP requests of known callers on loopback, and gives every refusal its Status object."""

import base64
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from podbook_cluster.apiserver.access.impersonation import acting_as
from podbook_cluster.apiserver.access.rbac import Access
from podbook_cluster.apiserver.access.tokens import Tokens
from podbook_cluster.apiserver.access.users import ADMIN, User
from podbook_cluster.apiserver.faults.injection import Faults
from podbook_cluster.apiserver.serve import requests
from podbook_cluster.apiserver.serve.requests import Request
from podbook_cluster.apiserver.terms import errors
from podbook_cluster.apiserver.terms.go_json import TooDeep, encode

_LOGGER: Final = logging.getLogger(__name__)

_HEALTH_PATHS: Final = ("/healthz", "/readyz", "/livez")
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
URL_KEY_PREFIX: Final = "/key/"
"""What stands before the key in the server URL of the kubeconfig."""

Answer = Callable[[Request], Awaitable[web.StreamResponse]]


class Server:
    """The door: who may come in, and what an error looks like on the way out."""

    def __init__(
        self, tokens: Tokens, access: Access, answer: Answer, *, faults: Faults | None = None
    ) -> None:
        self._tokens = tokens
        self._access = access
        self._answer = answer
        self._faults = faults

    async def handle(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        _, _, target = _split_key(http.raw_path)
        if target.partition("?")[0] in _HEALTH_PATHS:
            return web.Response(text="ok")
        try:
            return await self._handle(http)
        except errors.ApiError as error:
            return error_response(error)
        except errors.StorageUnusable as error:
            return error_response(
                errors.ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalError", str(error))
            )
        except (TooDeep, RecursionError):
            return error_response(errors.bad_request("the object is nested too deeply"))
        except Exception:
            _LOGGER.exception("%s %s", http.method, http.raw_path)
            return error_response(
                errors.ApiError(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    "InternalError",
                    "Internal error occurred: see the server's log",
                )
            )

    async def _handle(self, http: web.BaseRequest) -> web.StreamResponse:
        _refuse_browsers(http)
        user, target = self._authenticate(http)
        user = acting_as(http, user, self._access)
        request = requests.read(http, user, target)
        if self._faults is None:
            return await self._answer(request)
        return await self._faults.answer(request, self._answer)

    def _authenticate(self, http: web.BaseRequest) -> tuple[User, str]:
        """Return who asks, and the path and query that are asked."""
        target = http.raw_path
        prefix, key, rest = _split_key(target)
        token = _token(http.headers.get("Authorization", ""))
        if token:
            identity = self._tokens.identify(token)
            if identity is not None:
                return identity.user, rest if prefix else target
        elif prefix and self._tokens.is_url_key(key):
            return ADMIN, rest
        raise errors.unauthorized()


def _token(header: str) -> str:
    """Return the token of an Authorization header, "" where there is none.

    As the password of a Basic one it comes from `http://anyone:TOKEN@host`: kubectl sends no
    token over plain HTTP, whatever its kubeconfig says, but what the URL holds.
    """
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except ValueError:
        return ""


def _split_key(target: str) -> tuple[bool, str, str]:
    # A secret first segment of the server's URL: what every client sends, kubectl and those that
    # refuse credentials in a URL.
    if not target.startswith(URL_KEY_PREFIX):
        return False, "", target
    key, slash, rest = target[len(URL_KEY_PREFIX) :].partition("/")
    return True, key, slash + rest or "/"


def _refuse_browsers(http: web.BaseRequest) -> None:
    # A web page can reach loopback by a name of its own (DNS rebinding) or across origins.
    host = http.headers.get("Host", "").rpartition(":")[0] or http.headers.get("Host", "")
    if host not in _LOOPBACK_NAMES:
        raise errors.ApiError(
            HTTPStatus.FORBIDDEN, "Forbidden", f"Host {host!r} is not a loopback name"
        )
    if "Origin" in http.headers:
        raise errors.ApiError(
            HTTPStatus.FORBIDDEN, "Forbidden", "web pages may not use this server"
        )


def error_response(error: errors.ApiError) -> web.Response:
    """Return the HTTP answer of a refusal."""
    response = web.Response(
        body=encode(error.status()), status=error.code, content_type="application/json"
    )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
