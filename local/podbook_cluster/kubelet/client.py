"""Speaks to the API server about pods and what they refer to."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import orjson

Pod = Mapping[str, Any]

# Servers send a bookmark at least every 60 s to those who allow them.
_SILENCE_SECONDS: Final = 90
_WATCH_SECONDS: Final = 300
_REQUEST_SECONDS: Final = 10
# Shorter than that of servers (aiohttp's is 75 s), which else close under a request.
_KEEPALIVE_SECONDS: Final = 60
_PASSING: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}


class ApiUnavailable(Exception):
    """The server did not answer, or not in a way that helps; trying again may."""


class WatchExpired(Exception):
    """The server no longer knows what happened since that resourceVersion: list again."""


@dataclass(frozen=True, slots=True)
class ApiRefused(Exception):
    """The server refused a request; trying the same again does not help."""

    code: int
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def name_of(pod: Pod) -> str:
    """Return `namespace/name`, as it begins every log line about a pod."""
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


class ApiClient:
    """One connection pool to one API server."""

    def __init__(self, server: str, *, token: str) -> None:
        self._server = server.rstrip("/")
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token}", "User-Agent": "podbook-kubelet"},
            timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS),
            connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=_KEEPALIVE_SECONDS),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def list_pods(self) -> tuple[list[Pod], str]:
        """Return all pods and the resourceVersion from which to watch."""
        found = await self._ask("GET", "/api/v1/pods")
        return found["items"], found["metadata"]["resourceVersion"]

    async def watch_pods(self, resource_version: str) -> AsyncIterator[tuple[str, Pod]]:
        """Yield (type, pod) for every change, until the server ends the stream."""
        query = {
            "watch": "true",
            "resourceVersion": resource_version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        patience = aiohttp.ClientTimeout(sock_connect=5, sock_read=_SILENCE_SECONDS)
        async with self._request("GET", "/api/v1/pods", params=query, timeout=patience) as response:
            async for line in _lines(response):
                event = orjson.loads(line)
                if event["type"] == "ERROR":
                    _raise_watch_error(event["object"])
                yield event["type"], event["object"]

    async def bind(self, pod: Pod, node_name: str) -> None:
        """Assign a pod to a node."""
        meta = pod["metadata"]
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": meta["name"], "uid": meta["uid"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node_name},
        }
        await self._ask("POST", f"{_path(pod)}/binding", binding)

    async def write_status(self, pod: Pod, status: Mapping[str, Any]) -> None:
        """Set the given parts of a pod's status; ApiRefused 409 if the name is another pod's."""
        patch = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status}
        await self._ask("PATCH", f"{_path(pod)}/status", patch)

    async def delete(self, pod: Pod) -> None:
        """Remove the object of a pod whose containers have ended."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": pod["metadata"]["uid"]},
        }
        await self._ask("DELETE", _path(pod), options)

    async def request_token(
        self, pod: Pod, *, audience: str | None, seconds: int
    ) -> Mapping[str, Any]:
        """Return `{token, expirationTimestamp}` for the pod's service account, bound to the pod."""
        meta = pod["metadata"]
        bound = {"apiVersion": "v1", "kind": "Pod", "name": meta["name"], "uid": meta["uid"]}
        spec = {"expirationSeconds": seconds, "boundObjectRef": bound}
        if audience:
            spec["audiences"] = [audience]
        account = pod["spec"].get("serviceAccountName") or "default"
        path = f"/api/v1/namespaces/{meta['namespace']}/serviceaccounts/{account}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        status: Mapping[str, Any] = (await self._ask("POST", path, request))["status"]
        return status

    async def read(self, plural: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return a config map or a secret; None if there is none of that name."""
        try:
            return await self._ask("GET", f"/api/v1/namespaces/{namespace}/{plural}/{name}")
        except ApiRefused as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": kind} if data else {}
        async with self._request(method, path, data=data, headers=headers) as response:
            answer: dict[str, Any] = orjson.loads(await response.read())
            return answer

    @asynccontextmanager
    async def _request(
        self, method: str, path: str, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._session.request(method, self._server + path, **options) as response:
                if response.status >= HTTPStatus.BAD_REQUEST:
                    raise _refusal(response.status, await response.read())
                yield response
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise ApiUnavailable(f"{method} {path}: {error!r}") from error


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Split a stream into lines of any length."""
    waiting = b""
    async for chunk in response.content.iter_any():
        *lines, waiting = (waiting + chunk).split(b"\n")
        for line in lines:
            if line:
                yield line


def _refusal(code: int, body: bytes) -> Exception:
    try:
        message = str(orjson.loads(body)["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        message = body[:200].decode(errors="replace")
    if code == HTTPStatus.GONE:
        return WatchExpired(message)
    if code in _PASSING or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ApiUnavailable(f"{code}: {message}")
    return ApiRefused(code, message)


def _raise_watch_error(status: Mapping[str, Any]) -> None:
    if status.get("code") == HTTPStatus.GONE:
        raise WatchExpired(status.get("message", "expired"))
    raise ApiUnavailable(f"watch: {status.get('message', status)}")


def _path(pod: Pod) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
