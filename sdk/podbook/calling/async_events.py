"""Reads a run's events on an event loop, over as many connections as it takes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import httpx

from podbook.calling.steps import Ask, Json
from podbook.refusals import Unreachable, refused

_RECONNECTIONS: Final = 30
_RECONNECTION_SECONDS: Final = 1.0
# The server says something at least every 15 seconds.
_SILENCE_SECONDS: Final = 30.0

# Returns the arguments of a request: with the token as it is now.
Given = Callable[[Ask], dict[str, Any]]


async def follow(
    http: httpx.AsyncClient, path: str, after: str | None, given: Given
) -> AsyncIterator[Json]:
    """Yield numbered events, each once: a new connection goes on after the last one."""
    failures = 0
    while True:
        try:
            async for event in _lines(http, path, after, given):
                after, failures = event.get("id", after), 0
                yield event
        except httpx.TransportError as error:
            if failures >= _RECONNECTIONS:
                raise Unreachable(f"{http.base_url} gave no answer: {error}") from error
        failures += 1
        await asyncio.sleep(_RECONNECTION_SECONDS)


async def _lines(
    http: httpx.AsyncClient, path: str, after: str | None, given: Given
) -> AsyncIterator[Json]:
    ask = Ask("GET", path, {"after": after} if after else {}, seconds=_SILENCE_SECONDS)
    arguments = given(ask)
    arguments["headers"]["Accept"] = "application/x-ndjson"
    async with http.stream("GET", path, **arguments) as response:
        if response.is_error:
            await response.aread()
            raise refused(response)
        async for line in response.aiter_lines():
            if line:
                yield json.loads(line)
