"""A plain HTTP client for whatever Kubernetes API a kubeconfig names."""

import base64
import json
import queue
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import yaml

from rig.until import eventually

T = TypeVar("T")

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

SECONDS = 90.0


@dataclass(frozen=True)
class Answer:
    """Status, decoded body and headers of an answer."""

    status: int
    body: Any
    headers: httpx.Headers

    @property
    def name(self) -> str:
        return str(self.body["metadata"]["name"])

    @property
    def version(self) -> str:
        return str(self.body["metadata"]["resourceVersion"])

    @property
    def uid(self) -> str:
        return str(self.body["metadata"]["uid"])


class Events:
    """The events of one watch, read by a thread of their own."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for line in self._response.iter_lines():
                self._queue.put(json.loads(line))
        except (httpx.HTTPError, httpx.StreamError, OSError):
            pass
        self._queue.put(None)

    def close(self) -> None:
        """End the stream from below: TLS may not be read and closed at once."""
        stream = self._response.extensions["network_stream"]
        with suppress(OSError):
            socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)
        self._thread.join(SECONDS)

    def next(self, *, bookmarks: bool = False, seconds: float = SECONDS) -> dict[str, Any]:
        """Return the next event; AssertionError where the watch ends or stays silent."""
        while True:
            event = self._queue.get(timeout=seconds)
            assert event is not None, "the watch ended"
            if bookmarks or event["type"] != "BOOKMARK":
                return event

    def types_until(self, name: str) -> list[tuple[str, str]]:
        """Return type and name of all events up to the first one of an object."""
        seen = []
        while True:
            event = self.next()
            seen.append((event["type"], event["object"]["metadata"]["name"]))
            if seen[-1][1] == name:
                return seen

    def wait_end(self) -> None:
        """Return when the server has ended the stream."""
        while self._queue.get(timeout=SECONDS) is not None:
            pass


class Kube:
    """One user of one API server."""

    def __init__(
        self, http: httpx.Client, *, namespace: str, authority: ssl.SSLContext | bool
    ) -> None:
        self._http = http
        self._authority = authority
        self.namespace = namespace

    def path(self, plural: str, name: str = "", *, group: str = "", version: str = "v1") -> str:
        """Return the path of a resource in the test's namespace."""
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        return f"{root}/namespaces/{self.namespace}/{plural}" + (f"/{name}" if name else "")

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        response = self._http.request(
            method,
            path,
            content=content,
            headers={
                **({"Content-Type": content_type} if content is not None else {}),
                **(headers or {}),
            },
            params=query,
        )
        try:
            decoded = response.json()
        except ValueError:
            decoded = response.text
        return Answer(response.status_code, decoded, response.headers)

    def raw(self, method: str, path: str) -> str:
        """Return the text of an answer, undecoded."""
        return self._http.request(method, path).text

    def get(self, path: str, **query: Any) -> Answer:
        return self.request("GET", path, **query)

    def create(self, path: str, body: Any, **query: Any) -> Answer:
        """POST; the answer must be 201."""
        answer = self.request("POST", path, body, **query)
        assert answer.status == 201, answer
        return answer

    def put(self, path: str, body: Any, **query: Any) -> Answer:
        return self.request("PUT", path, body, **query)

    def patch(self, path: str, body: Any, content_type: str = MERGE_PATCH, **query: Any) -> Answer:
        return self.request("PATCH", path, body, content_type=content_type, **query)

    def delete(self, path: str, body: Any = None, **query: Any) -> Answer:
        return self.request("DELETE", path, body, **query)

    @contextmanager
    def watch(self, path: str, *, accept: str = "", **query: Any) -> Iterator[Events]:
        """Watch; the stream is closed at the end of the block."""
        headers = {"Accept": accept} if accept else {}
        timeout = httpx.Timeout(10, read=None)
        with self._http.stream(
            "GET", path, params={"watch": "true", **query}, headers=headers, timeout=timeout
        ) as response:
            assert response.status_code == 200, response.read()
            events = Events(response)
            try:
                yield events
            finally:
                events.close()

    @contextmanager
    def as_user(self, token: str) -> Iterator["Kube"]:
        """Provide a client that shows another token, and no certificate."""
        with httpx.Client(
            base_url=str(self._http.base_url).partition("/key/")[0],
            headers={"Authorization": f"Bearer {token}"},
            verify=self._authority,
            timeout=SECONDS,
        ) as http:
            yield Kube(http, namespace=self.namespace, authority=self._authority)


@contextmanager
def connect(kubeconfig: Path, *, namespace: str) -> Iterator[Kube]:
    """Provide a client for the current context of a kubeconfig."""
    cluster, user = _current(kubeconfig)
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    authority = _authority(cluster)
    own = _own_certificate(cluster, user)
    with httpx.Client(
        base_url=cluster["server"], headers=headers, verify=own, timeout=SECONDS
    ) as http:
        yield Kube(http, namespace=namespace, authority=authority)


def certified(kubeconfig: Path) -> tuple[str, ssl.SSLContext | bool]:
    """Return the server of the current context and what a client shows it and expects of it."""
    cluster, user = _current(kubeconfig)
    return cluster["server"], _own_certificate(cluster, user)


def until(look: Callable[[], T], *, what: str) -> T:
    """Return the first true answer of `look`; AssertionError after a while."""
    return eventually(look, what, seconds=SECONDS)


def unique(prefix: str) -> str:
    """Return a name that no other test uses."""
    return f"{prefix}-{uuid4().hex[:10]}"


def _current(kubeconfig: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return cluster and user of the current context."""
    config = yaml.safe_load(kubeconfig.read_text())
    context = _named(config["contexts"], config["current-context"])["context"]
    cluster: dict[str, Any] = _named(config["clusters"], context["cluster"])["cluster"]
    user: dict[str, Any] = _named(config["users"], context["user"])["user"]
    return cluster, user


def _named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def _authority(cluster: dict[str, Any]) -> ssl.SSLContext | bool:
    if not cluster["server"].startswith("https"):
        return True
    data = cluster.get("certificate-authority-data")
    if data:
        return ssl.create_default_context(cadata=base64.b64decode(data).decode())
    return ssl.create_default_context(cafile=cluster["certificate-authority"])


def _own_certificate(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext | bool:
    context = _authority(cluster)
    if isinstance(context, bool):
        return context
    if "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    elif "client-certificate-data" in user:
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder) / "cert", Path(folder) / "key"
            certificate.write_bytes(base64.b64decode(user["client-certificate-data"]))
            key.write_bytes(base64.b64decode(user["client-key-data"]))
            context.load_cert_chain(certificate, key)
    return context
