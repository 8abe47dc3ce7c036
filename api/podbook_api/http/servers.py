"""HTTP servers of one process and one loop, which leave signals to the process."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from podbook_api.http.plain_paths import PlainPaths
from podbook_api.http.protocol import Protocol


class Server(uvicorn.Server):
    """A server that leaves signals alone: there are several of it in one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(application: ASGIApp, host: str, port: int) -> Server:
    """Return a server of the application; nothing is served yet."""
    return Server(
        uvicorn.Config(
            PlainPaths(application),
            host=host,
            port=port,
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
        )
    )
