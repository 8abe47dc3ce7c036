"""HTTP to the Kubernetes API: objects in, objects out, and Podbook's own errors."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.answers import error, object_of
from podbook_kube.connection import Connection
from podbook_kube.objects import Object

JSON: Final = "application/json"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"

_PAGE: Final = 500
# The API server sends a bookmark about once a minute; a stream silent for longer is dead.
_STREAM: Final = aiohttp.ClientTimeout(total=None, connect=5, sock_read=75)
_WATCH_SECONDS: Final = 240
# Shorter than that of servers (aiohttp's is 75 s), which else close under a request.
_KEEPALIVE_SECONDS: Final = 60


class Client:
    """Asks one Kubernetes API, over a few connections that are kept open."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        agent: str,
        connections: int = 64,
        seconds: float = 30,
        observe: Callable[[str, int], None] = lambda _verb, _status: None,
        before_write: Callable[[], None] = lambda: None,
    ) -> None:
        """Connect is asked again after every failure: a restarted cluster may be elsewhere.

        observe is told the verb and the HTTP status of every answer, 0 where there was none.
        """
        self._connect = connect
        self._connection: Connection | None = None
        self._session: aiohttp.ClientSession | None = None
        self._agent = agent
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(total=seconds, connect=min(seconds, 5))
        self._observe = observe
        self._before_write = before_write

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
    ) -> Object:
        """Return the answer's object; raises what answers.error() makes of any other."""
        if method != "GET":
            self._before_write()
        data = None if body is None else json.dumps(body)
        request = {"query": query, "data": data, "content_type": content_type}
        async with self._sent(method, path, **request, timeout=self._timeout) as response:
            text = await response.read()
        self._observe(method, response.status)
        retry_after = response.headers.get("Retry-After", "")
        return object_of(f"{method} {path}", response.status, text, retry_after=retry_after)

    async def text(self, path: str, *, query: Mapping[str, str], limit: int) -> bytes:
        """Return the first bytes of an answer that is no object; raises as `ask` does."""
        request = {"query": query, "timeout": self._timeout}
        async with self._sent("GET", path, **request) as response:
            if response.status != HTTPStatus.OK:
                object_of(f"GET {path}", response.status, await response.read())
            text = bytearray()
            while len(text) < limit and (more := await response.content.read(limit - len(text))):
                text += more
        self._observe("GET", response.status)
        return bytes(text)

    async def watch(self, path: str, version: str, **selectors: str) -> AsyncIterator[Object]:
        """Yield the events after a resourceVersion, bookmarks too, until the server ends it.

        Raises Expired where the resourceVersion is too old.
        """
        query = {key: value for key, value in selectors.items() if value} | {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        doing = f"watching {path}"
        async with self._sent("GET", path, query=query, timeout=_STREAM) as response:
            if response.status != HTTPStatus.OK:
                object_of(doing, response.status, await response.read())
            async for line in _lines(response.content):
                event: Object = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise error(doing, status.get("code", 500), status)
                yield event

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, **request: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Let no error of the HTTP library out; forget the way where it led to nothing."""
        try:
            response = await self._send(method, path, **request)
            try:
                if response.status == HTTPStatus.UNAUTHORIZED:
                    self._connection = None
                yield response
            finally:
                response.release()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as problem:
            self._observe(method, 0)
            self._connection = None
            raise ClusterUnavailable(f"{method} {path}: {problem!r}") from problem

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None,
        timeout: aiohttp.ClientTimeout,
        data: str | None = None,
        content_type: str = JSON,
    ) -> aiohttp.ClientResponse:
        # Not before the first request: on a laptop the cluster writes its kubeconfig while this
        # process is starting.
        if self._connection is None:
            self._connection = await self._connect()
        connection = self._connection
        headers = {"Content-Type": content_type}
        authorization = await connection.authorization()
        if authorization is not None:
            headers["Authorization"] = authorization
        return await self._opened().request(
            method,
            connection.url + path,
            params=query,
            data=data,
            headers=headers,
            timeout=timeout,
            ssl=connection.tls,
        )

    def _opened(self) -> aiohttp.ClientSession:
        """A session belongs to the event loop that it was made in."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=_KEEPALIVE_SECONDS
                ),
                headers={"Accept": JSON, "User-Agent": self._agent},
            )
        return self._session


async def pages(
    ask: Callable[..., Awaitable[Object]], path: str, **selectors: str
) -> AsyncIterator[Object]:
    """Yield the pages of one consistent list: objects with `items` and `metadata`.

    ask is a Client's; selectors are labelSelector and fieldSelector. Raises Expired where the list
    changed too much under the pages: begin again.
    """
    query = {key: value for key, value in selectors.items() if value} | {"limit": str(_PAGE)}
    while True:
        page = await ask("GET", path, query=query)
        yield page
        if not (following := page["metadata"].get("continue")):
            return
        query["continue"] = following


async def _lines(stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Split by lines without aiohttp's limit on the length of one."""
    rest = b""
    async for chunk in stream.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield line
