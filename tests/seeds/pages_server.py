"""What Times Square is to the Noteburst note: pages for visitors, and jobs made for them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

# Longer than any machine takes to start two kernels.
_PATIENCE_SECONDS: Final = 120.0
_AT_ONCE: Final = 2


class PagesServer:
    """Takes webhooks into its cache, and has data that notebooks fetch over the network."""

    def __init__(self, secret: str, podbook: httpx.Client) -> None:
        self.cache: dict[str, Any] = {}
        self.met = threading.Barrier(_AT_ONCE)
        self._webhook = Webhook(secret)
        self._podbook = podbook
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["PagesServer"]:
        """Serve for the length of a `with` block."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.met.abort()
            self._server.shutdown()
            self._server.server_close()

    def told(self, body: bytes, headers: dict[str, str]) -> None:
        """Verify who says that a job is complete; fetch its notebook into the cache."""
        told: Any = self._webhook.verify(body, headers)
        answer = self._podbook.get(told["data"]["url"])
        self.cache[told["data"]["id"]] = answer.json()["ipynb"]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pages.told(body, dict(self.headers))
                self._answer(b"")

            def do_GET(self) -> None:
                if self.path == "/meet":
                    pages.met.wait(_PATIENCE_SECONDS)
                self._answer(b"of the network")

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
                pass

        return Handler
