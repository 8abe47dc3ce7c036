"""A run is followed over as many connections as it takes, by both clients alike."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

import podbook as sdk
from podbook import event_lines
from podbook.calling import async_events
from podbook.calling.asynchronous import AsyncExecution
from podbook.calling.sync import Execution


def test_each_connection_to_events_shows_the_token_of_that_time_and_goes_on_after_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tokens of a cluster are over in an hour, runs are not."""
    monkeypatch.setattr(event_lines, "RECONNECTION_SECONDS", 0)
    monkeypatch.setattr(async_events, "RECONNECTION_SECONDS", 0)
    lines = [{"type": "execution.phase", "id": "1.1"}, {"type": "execution.finished"}]
    asked: list[tuple[str, str | None]] = []

    def answered(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            seen = (request.headers["authorization"], request.url.params.get("after"))
            asked.append(seen)
            return httpx.Response(200, text=json.dumps(lines[(len(asked) - 1) % 2]) + "\n")
        return httpx.Response(200, json={"id": "run", "phase": "Succeeded"})

    def tokens() -> Callable[[], str]:
        fresh = iter(range(9))
        return lambda: f"token-{next(fresh)}"

    client = sdk.Client("http://here", token=tokens())
    client._http = httpx.Client(base_url=client.url, transport=httpx.MockTransport(answered))
    told = [event["type"] for event in Execution(client, {"id": "run"}).follow()]

    async def other() -> list[str]:
        client = sdk.AsyncClient("http://here", token=tokens())
        transport = httpx.MockTransport(answered)
        client._http = httpx.AsyncClient(base_url=client.url, transport=transport)
        return [event["type"] async for event in AsyncExecution(client, {"id": "run"}).follow()]

    assert told == asyncio.run(other()) == ["execution.phase", "execution.finished"]
    assert asked == 2 * [("Bearer token-0", None), ("Bearer token-1", "1.1")]
