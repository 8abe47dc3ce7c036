"""A web site in this process that notes every request it gets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from rig.api import free_ports
from rig.until import eventually


@dataclass
class Site:
    """A running site; requests are "METHOD /path", in the order they came."""

    app: ASGIApp
    url: str = ""
    requests: list[str] = field(default_factory=list)
    # What each was for, as a browser says it.
    purposes: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self.requests.append(f"{scope.get('method', 'WEBSOCKET')} {scope['path']}")
            headers = dict(scope["headers"])
            self.purposes.append(headers.get(b"sec-fetch-dest", b"").decode())
        await self.app(scope, receive, send)


@contextmanager
def running(app: ASGIApp) -> Iterator[Site]:
    """Serve the application for the length of a `with` block."""
    site, port = Site(app), free_ports(1)[0]
    config = uvicorn.Config(site, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started, "the site answers")
        site.url = f"http://127.0.0.1:{port}"
        yield site
    finally:
        server.should_exit = True
        thread.join(10)
