"""Reads streams of events, a line of JSON each, over as many connections as it takes."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx

from podbook.refusals import ApiError, Unreachable, problem_of

Json = dict[str, Any]

_ANSWER_SECONDS: Final = 30.0
# The server says something at least every 15 seconds.
_SILENCE_SECONDS: Final = 60.0
_RECONNECTIONS: Final = 30
_RECONNECTION_SECONDS: Final = 1.0


def follow(http: httpx.Client, path: str, *, after: str | None) -> Iterator[Json]:
    """Yield numbered events, each once: a new connection goes on after the last one."""
    place, failures = after, 0
    while True:
        try:
            for event in _lines(http, path, {"after": place} if place else {}):
                place, failures = event.get("id", place), 0
                yield event
        except httpx.TransportError as error:
            _give_up(http, failures, error)
        failures += 1
        time.sleep(_RECONNECTION_SECONDS)


def changes(http: httpx.Client, parameters: Json) -> Iterator[Json | None]:
    """Yield events that have no numbers, and None whenever a connection begins."""
    failures = 0
    while True:
        try:
            for event in _lines(http, "/v1/events", parameters, tells_begin=True):
                failures = 0
                yield event
        except httpx.TransportError as error:
            _give_up(http, failures, error)
        failures += 1
        time.sleep(_RECONNECTION_SECONDS)


def _give_up(http: httpx.Client, failures: int, error: httpx.TransportError) -> None:
    if failures >= _RECONNECTIONS:
        raise Unreachable(f"{http.base_url} gave no answer: {error}") from error


def _lines(
    http: httpx.Client, path: str, parameters: Json, *, tells_begin: bool = False
) -> Iterator[Any]:
    """Yield what one connection brings; it may end before everything was told."""
    with http.stream(
        "GET",
        path,
        headers={"Accept": "application/x-ndjson"},
        params=parameters,
        timeout=httpx.Timeout(_ANSWER_SECONDS, read=_SILENCE_SECONDS),
    ) as response:
        if response.is_error:
            response.read()
            raise ApiError(response.status_code, problem_of(response))
        if tells_begin:
            yield None
        for line in response.iter_lines():
            if line:
                yield json.loads(line)
