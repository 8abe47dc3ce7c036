"""An intake for the runner's tests: hands out one job, keeps what it is given, fails on demand."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from podbook_crds.protocol import intake as routes
from podbook_crds.protocol.job import Job
from podbook_crds.protocol.result import RunResult


@dataclass
class FakeIntake:
    """What the intake knows and was told; a test changes it while the runner runs."""

    job: Job | None = None
    # Of a pod that waits for a call: what it prepares, what it said of that, and that it is called.
    preparation: Job | None = None
    prepared: list[dict[str, Any]] = field(default_factory=list)
    is_called: bool = False
    blobs: dict[str, bytes] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    media_types: dict[str, str] = field(default_factory=dict)
    # The event log as stored, and when the next batch is wanted.
    log: list[dict[str, Any]] = field(default_factory=list)
    next_seconds: float = 5.0
    # How many events another process has taken in and not stored: they are asked for again.
    unstored: int = 0
    results: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    # Statuses to answer with before a request is served, by the beginning of its path.
    failures: dict[str, list[int]] = field(default_factory=dict)
    # Artifacts that the store has lost by the time that a result first names them.
    loses: list[str] = field(default_factory=list)
    # An artifact whose first upload is slow: it is stored after the next one, or a second later.
    overtaken: str = ""
    gone: str = ""
    url: str = ""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def result(self) -> RunResult:
        """The last result that was handed in."""
        return RunResult.model_validate(self.results[-1])

    def wait_for(self, what: str, timeout: float = 30) -> None:
        """Wait until an artifact of that name was stored, or a request to that path was served."""

        def seen() -> bool:
            return what in self.artifacts or any(path == what for _, path in self.requests)

        with self.changed:
            assert self.changed.wait_for(seen, timeout), f"{what} never came"


@contextmanager
def serving(intake: FakeIntake) -> Iterator[FakeIntake]:
    """Serve on a free port of the loopback address until the block ends."""
    handler = type("Handler", (_Handler,), {"intake": intake})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    intake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield intake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: runners are killed while they speak."""


class _Handler(BaseHTTPRequestHandler):
    intake: FakeIntake
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(self.path)
        if self.intake.overtaken and path.endswith(f"/{self.intake.overtaken}"):
            name, self.intake.overtaken = self.intake.overtaken, ""
            with self.intake.changed:
                self.intake.changed.wait_for(lambda: name in self.intake.artifacts, 1)
        with self.intake.changed:
            self.intake.tokens.append(self.headers.get("Authorization", ""))
            status, answer = self._failure(path) or self._answer(path, body)
            self.intake.requests.append((self.command, path))
            self.intake.changed.notify_all()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815  (the base class looks for these names)

    def _failure(self, path: str) -> tuple[int, bytes] | None:
        for start, statuses in self.intake.failures.items():
            if path.startswith(start) and statuses:
                return statuses.pop(0), b"{}"
        return None

    def _answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        intake = self.intake
        if path == routes.CLAIM_PATH:
            if intake.job is None or intake.gone:
                return 410, json.dumps({"reason": intake.gone, "message": "test"}).encode()
            return 200, intake.job.model_dump_json(by_alias=True).encode()
        if path.startswith(routes.BLOBS_PATH):
            blob = intake.blobs.get(path.rpartition("/")[2])
            return (404, b"") if blob is None else (200, blob)
        if path.startswith(routes.ARTIFACTS_PATH):
            return self._artifact(path.removeprefix(f"{routes.ARTIFACTS_PATH}/"), body)
        return self._told(path, body)

    def _told(self, path: str, body: bytes) -> tuple[int, bytes]:
        intake = self.intake
        if path == routes.PREPARATION_PATH and intake.preparation is not None:
            return 200, intake.preparation.model_dump_json(by_alias=True).encode()
        if path == routes.PREPARED_PATH:
            intake.prepared.append(json.loads(body))
            return 204, b""
        if path.startswith(routes.CALLED_PATH):
            intake.changed.wait_for(lambda: intake.is_called, 1)
            return (204 if intake.is_called else 202), b""
        if path.startswith(routes.EVENTS_PATH):
            return self._events(parse_qs(urlsplit(path).query), body)
        return self._result(json.loads(body))

    def _events(self, query: dict[str, list[str]], body: bytes) -> tuple[int, bytes]:
        """Take a batch in as an intake does, some of which is lost again on demand."""
        if b"\0" in body:
            return 422, b"{}"  # It knows no names for texts, as an intake of some time ago.
        log, first = self.intake.log, int(query["first"][0])
        if first > len(log) + 1:
            return 409, json.dumps({"expected": len(log) + 1}).encode()
        events = [json.loads(line) for line in body.splitlines()]
        log += events[len(log) + 1 - first :]
        stored = len(log)
        if self.intake.unstored and "last" not in query:
            stored = max(0, stored - len(events))
            del log[stored:]
            self.intake.unstored -= 1
        return 200, json.dumps({"stored": stored, "nextSeconds": self.intake.next_seconds}).encode()

    def _artifact(self, name: str, body: bytes) -> tuple[int, bytes]:
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if self.headers.get(routes.DIGEST_HEADER) != digest:
            return 400, b"digest"
        self.intake.artifacts[name] = body
        self.intake.media_types[name] = self.headers.get("Content-Type", "")
        return 201, b""

    def _result(self, wire: dict[str, Any]) -> tuple[int, bytes]:
        while self.intake.loses:
            self.intake.artifacts.pop(self.intake.loses.pop(), None)
        named = [artifact["name"] for artifact in wire.get("artifacts", [])]
        missing = [name for name in named if name not in self.intake.artifacts]
        if missing:
            return 409, json.dumps({"missing": missing}).encode()
        self.intake.results.append(wire)
        return 200, b'{"final": true}'
