"""Answers for the loader: is it alive, has it looked, and what Prometheus asks."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from podbook_crds.protocol.followed_catalog import FollowedCatalog

# A pass over a large repository may take minutes; one of a quarter of an hour hangs.
_LONGEST_PASS_SECONDS: Final = 900.0


@dataclass
class Probes:
    """What is known of the loader's own health."""

    interval: float
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _began: float = field(default_factory=time.monotonic)
    has_looked: bool = False

    def __post_init__(self) -> None:
        """Make the metrics."""
        self._faults = Gauge(
            "podbook_catalog_faults",
            "What of the repository is not served as it stands.",
            registry=self.registry,
        )
        self._served = Gauge(
            "podbook_catalog_served_timestamp_seconds",
            "When everything of the repository was last seen to be served.",
            registry=self.registry,
        )
        self._passes = Counter(
            "podbook_catalog_passes",
            "Looks at the repository, by what they came to.",
            ["outcome"],
            registry=self.registry,
        )

    def begins(self) -> None:
        """Take in that a pass begins."""
        self._began = time.monotonic()

    def ends(self, stands: FollowedCatalog) -> None:
        """Take in how it stands after a pass."""
        self.has_looked = True
        self._faults.set(len(stands.faults))
        self._passes.labels("faulty" if stands.faults else "served").inc()
        if not stands.faults:
            self._served.set(stands.checked_at.timestamp())

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body."""
        if path == "/metrics":
            return 200, generate_latest(self.registry)
        if path == "/readyz":
            return (200, b"ok") if self.has_looked else (503, b"has not looked yet")
        if path == "/healthz":
            hangs = time.monotonic() - self._began > self.interval + _LONGEST_PASS_SECONDS
            return (503, b"hangs") if hangs else (200, b"ok")
        return 404, b""


@contextmanager
def served(probes: Probes, *, port: int) -> Iterator[int]:
    """Answer on that port, 0 for any, for the length of a `with` block; give the port."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = probes.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes are nothing to tell."""

    server = ThreadingHTTPServer(("0.0.0.0", port), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
