"""Runs the protocol's server, and tells its clients when the list of tools has changed."""

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import InMemorySubscriptionBus, ToolsListChanged

from podbook_api.surfaces.mcp import server
from podbook_api.wiring import Services

# Of a folder that is pushed many notebooks change at once: clients are told once.
_LOOK_SECONDS: Final = 0.5
# Somebody on the way may take a stream for dead that says nothing for longer.
_QUIET_SECONDS: Final = 15.0
_COMMENT: Final = b": still here\n\n"
_NOTICE: Final = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
_CHANGED: Final = f"event: message\ndata: {json.dumps(_NOTICE)}\n\n".encode()


class Serving:
    """The server of one process; it ends when the process does."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._bus = InMemorySubscriptionBus()
        built, self._listening = server.build(services, version("podbook"), self._bus)
        # Each request is whole in itself: any replica answers it. Hosts and origins are checked
        # where they are for every route.
        self.manager = StreamableHTTPSessionManager(
            built, stateless=True, max_request_body_size=services.settings.body_limit
        )
        self.started = asyncio.Event()
        # Grows with every change of the list, for older clients, who hold a stream open.
        self.changes = 0

    async def run(self) -> None:
        """Serve until waits are to end."""
        async with self.manager.run():
            self.started.set()
            known = self._list()
            generation = self._services.catalog.generation
            while not self._services.executions.is_stopping:
                await asyncio.sleep(_LOOK_SECONDS)
                if self._services.catalog.generation == generation:
                    continue
                generation = self._services.catalog.generation
                if (found := self._list()) != known:
                    known = found
                    self.changes += 1
                    await self._bus.publish(ToolsListChanged())
            self._listening.close()
            # What still answers is given the moment that the servers give it.
            await asyncio.sleep(1)

    async def notices(self) -> AsyncIterator[bytes]:
        """Yield what older clients are told on the stream that they hold open."""
        told, quiet = self.changes, 0.0
        while not self._services.executions.is_stopping:
            await asyncio.sleep(_LOOK_SECONDS)
            quiet += _LOOK_SECONDS
            if self.changes != told:
                told, quiet = self.changes, 0.0
                yield _CHANGED
            elif quiet >= _QUIET_SECONDS:
                quiet = 0.0
                yield _COMMENT

    def _list(self) -> tuple[Any, ...]:
        return tuple(
            (entry.notebook.id, entry.digest, entry.problem is None, entry.notebook.spec.mcp)
            for entry in self._services.catalog.entries()
        )
