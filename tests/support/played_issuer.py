"""Plays an OpenID Connect issuer: it has keys, shows them, and signs what it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

AUDIENCE = "podbook"


@dataclass
class PlayedIssuer:
    """What it answers may be changed while it serves."""

    url: str
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def add_key(self, key_id: str) -> None:
        """Sign with one more key, and show it."""
        self.keys[key_id] = ec.generate_private_key(ec.SECP256R1())
        public = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
        shown = [
            {**json.loads(public.to_jwk(key.public_key())), "kid": name, "use": "sig"}
            for name, key in self.keys.items()
        ]
        self.answers["/keys"] = (200, {"keys": shown})

    def token(self, key_id: str = "one", **claims: Any) -> str:
        """Return a token that is good for a minute, where the claims do not say otherwise."""
        whole = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ann",
            "exp": int(time.time()) + 60,
            **claims,
        }
        said = {key: value for key, value in whole.items() if value is not None}
        return jwt.encode(said, self.keys[key_id], algorithm="ES256", headers={"kid": key_id})


@contextmanager
def playing() -> Iterator[PlayedIssuer]:
    """Serve an issuer with one key on this machine."""
    issuer = PlayedIssuer("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            status, body = issuer.answers.get(self.path, (404, {}))
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    document = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
    issuer.answers["/.well-known/openid-configuration"] = (200, document)
    issuer.add_key("one")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
