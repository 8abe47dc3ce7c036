"""An image registry on this machine whose only layer never ends: the node pulls until told off."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

_MEDIA = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_MEDIA = "application/vnd.docker.container.image.v1+json"
_LAYER_MEDIA = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_LAYER_SIZE = 10_000_000


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


_LAYER = _digest(b"never sent")
_CONFIG = json.dumps(
    {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [_LAYER]},
    }
).encode()
_MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": _MEDIA,
        "config": {"mediaType": _CONFIG_MEDIA, "size": len(_CONFIG), "digest": _digest(_CONFIG)},
        "layers": [{"mediaType": _LAYER_MEDIA, "size": _LAYER_SIZE, "digest": _LAYER}],
    }
).encode()


@dataclass
class Registry:
    """An image that can be named, and whether its layer is being pulled."""

    image: str
    is_pulled: Event = field(default_factory=Event)
    is_over: Event = field(default_factory=Event)


@contextmanager
def serving() -> Iterator[Registry]:
    """Serve on loopback, where a node asks without TLS and without a proxy."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    registry = Registry(f"127.0.0.1:{server.server_port}/slow:1")
    server.registry = registry  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        registry.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        if "/manifests/" in self.path:
            self._begin(_MANIFEST, _MEDIA, with_body=with_body)
        elif self.path.endswith(_digest(_CONFIG)):
            self._begin(_CONFIG, "application/octet-stream", with_body=with_body)
        elif self.path.endswith(_LAYER) and with_body:
            self._keep_waiting()
        else:
            self._begin(b"{}", "application/json", with_body=with_body)

    def _begin(self, content: bytes, media_type: str, *, with_body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Docker-Content-Digest", _digest(content))
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _keep_waiting(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(_LAYER_SIZE))
        self.end_headers()
        registry: Registry = self.server.registry  # type: ignore[attr-defined]
        registry.is_pulled.set()
        registry.is_over.wait()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
