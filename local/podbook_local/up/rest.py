"""Calls the REST API that `podbook up` started, with the standard library alone."""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_QUICK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Rest:
    """The address of the API and the token that it asks for, if it does.

    host is what it is called in the Host header, where that is not the name in the URL.
    """

    url: str
    token: str | None = None
    host: str | None = None

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        timeout_seconds: float = _QUICK_SECONDS,
    ) -> tuple[int, Any]:
        """Return status and JSON of the answer; raises OSError where none came."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout_seconds)
        headers = {"Content-Type": "application/json"}
        if self.host:
            headers["Host"] = self.host
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(
                method, path, json.dumps(body) if body is not None else None, headers
            )
            response = connection.getresponse()
            data = response.read()
        except http.client.HTTPException as error:
            raise OSError(f"no answer to {method} {path}: {error!r}") from error
        finally:
            connection.close()
        return response.status, _json_or_none(data)

    def lines(
        self,
        path: str,
        take: Callable[[bytes], None],
        *,
        began: Callable[[], None],
        seconds: float,
    ) -> None:
        """Hand on each line of a stream until it ends; began is called when it is open.

        Raises OSError or HTTPException where it breaks, or says nothing for so many seconds.
        """
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=seconds)
        headers = {"Accept": "application/x-ndjson"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            if response.status == http.client.OK:
                began()
                while line := response.readline():
                    take(line)
        finally:
            connection.close()


def _json_or_none(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
