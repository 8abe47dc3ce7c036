"""Lets the protocol's clients in: its library is loaded when the first one comes."""

import asyncio
import importlib
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from podbook_api.surfaces.mcp.plain_refusals import plain
from podbook_api.wiring import Services

if TYPE_CHECKING:
    from podbook_api.surfaces.mcp.serving import Serving

_SERVING: Final = "podbook_api.surfaces.mcp.serving"


class Door:
    """One process's way in."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._opening = asyncio.Lock()
        self._serving: Serving | None = None
        # Held, or it would be collected while it runs.
        self._running: asyncio.Task[None] | None = None

    async def serving(self) -> "Serving":
        """Return what serves the protocol; it runs from now on."""
        async with self._opening:
            # What ended by a fault begins anew with the next client.
            if self._serving is None or self._running is None or self._running.done():
                # A second of imports, in which everybody else is still answered.
                module = await asyncio.to_thread(
                    importlib.import_module, "podbook_api.surfaces.mcp.serving"
                )
                serving: Serving = module.Serving(self._services)
                self._running = asyncio.create_task(serving.run())
                await serving.started.wait()
                self._serving = serving
        return self._serving


class Handed(Response):
    """An answer that the protocol's library gives itself."""

    def __init__(self, serving: "Serving") -> None:
        super().__init__()
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        await self._serving.manager.handle_request(scope, receive, plain(send))
