"""Answers probes and Prometheus from a thread of its own: a loop that hangs cannot say so."""

import asyncio
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Final

_BEAT_SECONDS: Final = 1.0
# A heart that is silent for so long has stopped.
_SILENCE_SECONDS: Final = 30.0


class Health:
    """What is wrong, from several sources; nothing wrong is healthy."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last_beat = clock()
        self._checks: list[Callable[[], list[str]]] = [self._loop_hangs]
        self.is_ready = False

    def add(self, check: Callable[[], list[str]]) -> None:
        """Ask this too; it returns a sentence for each thing that is wrong."""
        self._checks.append(check)

    async def live(self) -> None:
        """Show that the loop runs, until cancelled."""
        while True:
            self._last_beat = self._clock()
            await asyncio.sleep(_BEAT_SECONDS)

    def problems(self) -> list[str]:
        """Return everything that is wrong."""
        return [sentence for check in self._checks for sentence in check()]

    def _loop_hangs(self) -> list[str]:
        silent = self._clock() - self._last_beat
        return [f"the event loop has hung for {silent:.0f} s"] if silent > _SILENCE_SECONDS else []


def serve(
    health: Health, exposition: Callable[[], bytes], *, host: str, port: int
) -> ThreadingHTTPServer:
    """Serve /healthz, /readyz and /metrics from a thread; return the server, listening."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = _answer(self.path.partition("?")[0], health, exposition)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
            """Probes are no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _answer(path: str, health: Health, exposition: Callable[[], bytes]) -> tuple[HTTPStatus, bytes]:
    if path == "/metrics":
        return HTTPStatus.OK, exposition()
    if path == "/healthz":
        problems = health.problems()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        return status, ("\n".join(problems) or "ok").encode()
    if path == "/readyz":
        if health.is_ready:
            return HTTPStatus.OK, b"ok"
        return HTTPStatus.SERVICE_UNAVAILABLE, b"the first lists are not complete"
    return HTTPStatus.NOT_FOUND, b"there are /healthz, /readyz and /metrics"
