"""HTTP servers of one process and one loop, which leave signals to the process."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from podbook_api.http.plain_paths import PlainPaths
from podbook_api.http.protocol import Protocol
from podbook_api.http.serving.certificates import Certificate
from podbook_crds.errors import PodbookError


class CannotListen(PodbookError):
    """A port cannot be served on; the message says which, and why."""


class Server(uvicorn.Server):
    """A server that leaves signals and the process's end alone: there are several in one loop."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; raise CannotListen, where uvicorn itself would end the process on the spot."""
        try:
            await super().startup(sockets)
        except SystemExit as error:
            address = f"{self.config.host}:{self.config.port}"
            why = f"cannot listen on {address}: {error.__context__ or error}"
            raise CannotListen(why) from error

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(
    application: ASGIApp, host: str, port: int, *, certificate: Certificate | None = None
) -> Server:
    """Return a server of the application, with TLS by its certificate; nothing is served yet."""
    tls = None if certificate is None else certificate.context
    return Server(
        uvicorn.Config(
            PlainPaths(application),
            host=host,
            port=port,
            # Its lines are written as all others are: with their time, or as JSON.
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            http=Protocol,
            ws="none",
            server_header=False,
            # With every answer, those to what is no HTTP included: any may hold what a run printed.
            headers=[("X-Content-Type-Options", "nosniff")],
            timeout_graceful_shutdown=1,
            # Our own does it: it also has to know who really is at the other end.
            proxy_headers=False,
            ssl_context_factory=None if tls is None else lambda _config, _usual: tls,
        )
    )
