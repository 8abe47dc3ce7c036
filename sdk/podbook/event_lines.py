"""Reads streams of events, a line of JSON each, over as many connections as it takes."""

import json
import time
from collections.abc import Iterator
from typing import Final

import httpx

from podbook.calling.sending import Given
from podbook.calling.steps import Ask, Json
from podbook.refusals import Unreachable, refused

# The type of a run's last event.
LAST: Final = "execution.finished"
RECONNECTION_SECONDS: Final = 1.0
_RECONNECTIONS: Final = 30
# The server says something at least every 15 seconds.
_SILENCE_SECONDS: Final = 30.0


class Place:
    """How far a reader is: a new connection goes on after the last event that was read."""

    def __init__(self, path: str, wanted: Json) -> None:
        self._path, self._wanted = path, wanted
        self._failures = 0

    @property
    def ask(self) -> Ask:
        """What brings the events from here."""
        accept = {"Accept": "application/x-ndjson"}
        wanted = {name: value for name, value in self._wanted.items() if value}
        return Ask("GET", self._path, wanted, headers=accept, seconds=_SILENCE_SECONDS)

    def read(self, line: str) -> Json:
        """Return the event of a line that is not empty."""
        event: Json = json.loads(line)
        if "id" in event:
            self._wanted["after"] = event["id"]
        self._failures = 0
        return event

    def lost(self, error: httpx.TransportError, server: httpx.URL) -> None:
        """Raise Unreachable where connections have brought nothing for so long."""
        if self._failures >= _RECONNECTIONS:
            raise Unreachable(f"{server} gave no answer: {error}") from error

    def ended(self) -> None:
        """A connection is over, in whatever way."""
        self._failures += 1


def follow(http: httpx.Client, path: str, *, after: str | None, given: Given) -> Iterator[Json]:
    """Yield numbered events, each once."""
    for event in _connected(http, Place(path, {"after": after}), given):
        if event is not None:
            yield event


def changes(http: httpx.Client, parameters: Json, *, given: Given) -> Iterator[Json | None]:
    """Yield events that have no numbers, and None whenever a connection begins."""
    return _connected(http, Place("/v1/events", dict(parameters)), given)


def _connected(http: httpx.Client, place: Place, given: Given) -> Iterator[Json | None]:
    while True:
        try:
            yield from _lines(http, place, given)
        except httpx.TransportError as error:
            place.lost(error, http.base_url)
        place.ended()
        time.sleep(RECONNECTION_SECONDS)


def _lines(http: httpx.Client, place: Place, given: Given) -> Iterator[Json | None]:
    """Yield what one connection brings, None first; it may end before everything was told."""
    ask = place.ask
    with http.stream(ask.method, ask.path, **given(ask)) as response:
        if response.is_error:
            response.read()
            raise refused(response)
        yield None
        for line in response.iter_lines():
            if line:
                yield place.read(line)
