"""Speaks with the Kubernetes API: plain objects in, plain objects out, Podbook's own errors."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from podbook_api.state.connection import Connection, connect
from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Conflict, Refused

Resource = dict[str, Any]

_CUSTOM: Final = f"/apis/{names.GROUP}/{names.VERSION}"
_ROOTS: Final = {
    names.NOTEBOOK_PLURAL: _CUSTOM,
    names.EXECUTION_PLURAL: _CUSTOM,
    "pods": "/api/v1",
    "secrets": "/api/v1",
}
_REQUEST: Final = aiohttp.ClientTimeout(total=30, connect=5)
# The API server sends a bookmark about once a minute; a stream silent for longer is dead.
_STREAM: Final = aiohttp.ClientTimeout(total=None, connect=5, sock_read=75)
_WATCH_SECONDS: Final = 240
_PAGE: Final = 500
_AGENT: Final = "podbook-api"
_NOT_FOUND: Final = 404


# DNS subdomains, near enough; nothing that is a step in a path.
_OBJECT_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


class Expired(ClusterUnavailable):
    """The resourceVersion is too old to watch from: list again."""


class Cluster:
    """One namespace of a Kubernetes API."""

    def __init__(self, kubeconfig: Path | None, namespace: str) -> None:
        self._kubeconfig = kubeconfig
        self._connection: Connection | None = None
        self._session: aiohttp.ClientSession | None = None
        self.namespace = namespace

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def get(self, plural: str, name: str) -> Resource | None:
        """Return the object as it is now, or None where there is none."""
        try:
            return await self._call("GET", self._path(plural, name))
        except Refused as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise

    async def pages(
        self, plural: str, field_selector: str = ""
    ) -> AsyncIterator[tuple[list[Resource], str]]:
        """Yield objects in pages, each with the resourceVersion that the list stands for.

        Raises Expired where the list changed too much under the pages: begin again.
        """
        token = ""
        while True:
            query = {"limit": str(_PAGE), "fieldSelector": field_selector, "continue": token}
            query = {key: value for key, value in query.items() if value}
            answer = await self._call("GET", self._path(plural), query=query)
            metadata = answer["metadata"]
            yield answer.get("items") or [], metadata["resourceVersion"]
            token = metadata.get("continue") or ""
            if not token:
                return

    async def version(self) -> str:
        """Return the resourceVersion up to which everything has been written.

        Of the shortest list there is: resourceVersions count the writes to all resources.
        """
        path = self._path(names.NOTEBOOK_PLURAL)
        answer = await self._call("GET", path, query={"limit": "1"})
        version: str = answer["metadata"]["resourceVersion"]
        return version

    async def watch(self, plural: str, version: str) -> AsyncIterator[Resource]:
        """Yield the events after a resourceVersion until the server ends the stream.

        Raises Expired where the resourceVersion is too old.
        """
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        with _translated(f"watching {plural}"):
            response = await self._send("GET", self._path(plural), query=query, timeout=_STREAM)
            try:
                if response.status != 200:  # noqa: PLR2004
                    raise _error(response.status, await response.text())
                async for line in _lines(response.content):
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise _error(event["object"].get("code", 500), json.dumps(event["object"]))
                    yield event
            finally:
                response.close()

    async def create(self, plural: str, body: Resource) -> Resource:
        """Create the object; Refused with reason AlreadyExists where the name is taken."""
        return await self._call("POST", self._path(plural), body=body)

    async def write_status(
        self, plural: str, name: str, version: str, status: Resource
    ) -> Resource:
        """Replace the status of what still has that resourceVersion; raise Conflict otherwise.

        A JSON Patch, because a merge patch would delete the nulls inside an output.
        """
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": status},
        ]
        path = f"{self._path(plural, name)}/status"
        return await self._call(
            "PATCH", path, body=patch, content_type="application/json-patch+json"
        )

    async def merge(self, plural: str, name: str, patch: Resource) -> Resource:
        """Merge into the object."""
        return await self._call(
            "PATCH",
            self._path(plural, name),
            body=patch,
            content_type="application/merge-patch+json",
        )

    async def delete(self, plural: str, name: str, *, uid: str) -> None:
        """Delete exactly that object; fine where it is gone."""
        body = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        try:
            await self._call("DELETE", self._path(plural, name), body=body)
        except Refused as refused:
            if refused.status != _NOT_FOUND:
                raise

    async def review_token(self, token: str, *, audience: str | None) -> Resource:
        """Return the status of a TokenReview: authenticated, user, error."""
        spec: Resource = {"token": token} | ({"audiences": [audience]} if audience else {})
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}
        answer = await self._call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body=body)
        return answer.get("status") or {}

    async def review_access(self, spec: Resource) -> bool:
        """Tell whether a SubjectAccessReview of that spec is allowed."""
        kind = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        answer = await self._call("POST", path, body={**kind, "spec": spec})
        return bool((answer.get("status") or {}).get("allowed"))

    def _path(self, plural: str, name: str = "") -> str:
        path = f"{_ROOTS[plural]}/namespaces/{self.namespace}/{plural}"
        return f"{path}/{quote(name, safe='')}" if name else path

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Resource:
        with _translated(f"{method} {path}"):
            response = await self._send(
                method, path, query=query, body=body, content_type=content_type, timeout=_REQUEST
            )
            text = await response.text()
        if response.status >= 400:  # noqa: PLR2004
            raise _error(response.status, text)
        answer: Resource = json.loads(text)
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        *,
        timeout: aiohttp.ClientTimeout,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> aiohttp.ClientResponse:
        # Not before the first request: on a laptop the cluster writes its kubeconfig while this
        # process is starting.
        if self._connection is None:
            self._connection = await connect(self._kubeconfig)
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64))
        headers = {"User-Agent": _AGENT, "Content-Type": content_type}
        authorization = await self._connection.authorization()
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            response = await self._session.request(
                method,
                f"{self._connection.url}{path}",
                params=query,
                data=None if body is None else json.dumps(body),
                headers=headers,
                timeout=timeout,
                ssl=self._connection.tls,
            )
        except aiohttp.ClientError:
            # A cluster that was started again may have another port: its kubeconfig says which.
            self._connection = None
            raise
        if response.status == 401:  # noqa: PLR2004
            self._connection = None
        return response


def is_object_name(name: str) -> bool:
    """Tell whether a Kubernetes object can be called so; whoever asks for others asks for more."""
    return _OBJECT_NAME.fullmatch(name) is not None


async def _lines(stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Split by lines without aiohttp's limit on the length of one."""
    rest = b""
    async for chunk in stream.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield line


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Let no error of the client out: callers know Podbook's own."""
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise ClusterUnavailable(f"{doing}: {type(error).__name__} {error}") from error


def _error(status: int, text: str) -> Exception:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    message = str(answer.get("message") or text[:300] or f"HTTP {status}")
    reason = str(answer.get("reason") or "")
    if status == 410:  # noqa: PLR2004
        return Expired(message)
    if status == 409 and reason != "AlreadyExists":  # noqa: PLR2004
        return Conflict(message)
    # 401 as well: the token is being renewed, or the API server has only just started.
    if status in (401, 408, 429) or status >= 500:  # noqa: PLR2004
        return ClusterUnavailable(message)
    return Refused(message, status=status, reason=reason)
