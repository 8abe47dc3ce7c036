"""Reads a run's events on an event loop, over as many connections as it takes."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from podbook.calling.sending import Given
from podbook.calling.steps import Json
from podbook.event_lines import RECONNECTION_SECONDS, Place
from podbook.refusals import refused


async def follow(
    http: httpx.AsyncClient, path: str, after: str | None, given: Given
) -> AsyncIterator[Json]:
    """Yield numbered events, each once: a new connection goes on after the last one."""
    place = Place(path, {"after": after})
    while True:
        try:
            async for event in _lines(http, place, given):
                yield event
        except httpx.TransportError as error:
            place.lost(error, http.base_url)
        place.ended()
        await asyncio.sleep(RECONNECTION_SECONDS)


async def _lines(http: httpx.AsyncClient, place: Place, given: Given) -> AsyncIterator[Json]:
    ask = place.ask
    async with http.stream(ask.method, ask.path, **given(ask)) as response:
        if response.is_error:
            await response.aread()
            raise refused(response)
        async for line in response.aiter_lines():
            if line:
                yield place.read(line)
