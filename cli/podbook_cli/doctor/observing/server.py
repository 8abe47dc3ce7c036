"""Looks at the server as any caller can."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx

from podbook_cli.doctor.observing.clocks import ahead
from podbook_cli.doctor.seen import SeenNotebook, SeenServer

if TYPE_CHECKING:
    from podbook.calling.rest import Rest

_SHOWN = 300


def look(client: "Rest") -> SeenServer:
    """Return what is seen; what goes wrong is part of it."""
    from podbook.calling.rest import ApiError, Unreachable

    try:
        asked = datetime.now(UTC)
        ready = client.http.get("/readyz")
        date, answered = ready.headers.get("date"), datetime.now(UTC)
        if not ready.is_success:
            says = ready.text[:_SHOWN].strip() or f"HTTP status {ready.status_code}"
            return SeenServer(client.url, is_ready=False, says=says)
        return SeenServer(
            client.url,
            version=str(client.session().get("version", "")),
            ahead_seconds=ahead(date, asked, answered),
            health=_health(client),
            notebooks=tuple(_notebook(each) for each in client.search()),
        )
    except ApiError as error:
        return SeenServer(client.url, error=" ".join(str(error).split()), status=error.status)
    except (Unreachable, httpx.HTTPError) as error:
        return SeenServer(client.url, error=f"does not answer: {str(error) or repr(error)}")


def _health(client: "Rest") -> dict[str, Any] | None:
    """Return nothing of a server of before there was such an answer."""
    answer = client.http.get("/v1/health")
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _notebook(line: dict[str, Any]) -> SeenNotebook:
    return SeenNotebook(str(line["id"]), bool(line["ready"]), str(line.get("problem") or ""))
