"""Runs the protocol's server, and tells its clients when the list of tools has changed."""

import asyncio
from importlib.metadata import version
from typing import Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import InMemorySubscriptionBus, ToolsListChanged

from podbook_api.surfaces.mcp import server
from podbook_api.wiring import Services

# Of a folder that is pushed many notebooks change at once: clients are told once.
_LOOK_SECONDS: Final = 0.5


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

    def _list(self) -> tuple[Any, ...]:
        return tuple(
            (entry.notebook.id, entry.digest, entry.problem is None, entry.notebook.spec.mcp)
            for entry in self._services.catalog.entries()
        )
