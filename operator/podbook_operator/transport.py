"""HTTP to the Kubernetes API: objects in, objects out, and Podbook's own errors."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_operator.connection import Connection

Body = dict[str, Any]

JSON_PATCH: Final = "application/json-patch+json"
USER_AGENT: Final = "podbook-operator"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=15)
# A burst must not become a storm of parallel requests.
_CONNECTIONS: Final = 32

# Answers that another try may change.
_PASSING: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class Transport:
    """Asks the Kubernetes API, over a few connections that are kept open."""

    def __init__(
        self,
        connection: Connection,
        *,
        observe: Callable[[str, int], None] | None = None,
        before_write: Callable[[], None] | None = None,
    ) -> None:
        self._connection = connection
        self._session: aiohttp.ClientSession | None = None
        # Told the verb and the HTTP status of every answer; 0 where there was none.
        self._observe = observe or (lambda _verb, _status: None)
        self._before_write = before_write or (lambda: None)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Body:
        """Return the answer's object.

        Raises Refused where the server understood and said no, ClusterUnavailable where it did
        not answer or could not: then nobody knows whether the request was carried out.
        """
        if method != "GET":
            self._before_write()
        status, text = await self._send(method, path, query, body, content_type)
        self._observe(method, status)
        try:
            answer: Body = json.loads(text)
        except ValueError:
            answer = {}
        if status < HTTPStatus.BAD_REQUEST:
            return answer
        message = f"{method} {path}: {answer.get('message') or f'HTTP status {status}'}"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
            raise ClusterUnavailable(message)
        raise Refused(message, status=status, reason=answer.get("reason", ""))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Any,
        content_type: str,
    ) -> tuple[int, bytes]:
        headers = {"Content-Type": content_type}
        try:
            authorization = await self._connection.authorization()
            if authorization is not None:
                headers["Authorization"] = authorization
            async with self._opened().request(
                method,
                self._connection.url + path,
                params=query,
                data=None if body is None else json.dumps(body),
                headers=headers,
            ) as response:
                return response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._observe(method, 0)
            raise ClusterUnavailable(f"{method} {path}: {error!r}") from error

    def _opened(self) -> aiohttp.ClientSession:
        """A session belongs to the event loop that it was made in."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=self._connection.tls),
                headers={"Accept": "application/json", "User-Agent": USER_AGENT},
                timeout=_TIMEOUT,
            )
        return self._session
