"""Turns what an API server answered into an object, or into one of Podbook's errors."""

import json
from http import HTTPStatus
from typing import Final

from podbook_crds.errors import ClusterBusy, ClusterUnavailable, Refused
from podbook_kube.objects import Object

# Answers that another try may change: a token that is just being renewed, a server that has only
# just started, or one that has too much to do.
_PASSING: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_SHOWN: Final = 300


class Expired(ClusterUnavailable):
    """The resourceVersion is too old to watch or to page from: list again."""


def object_of(doing: str, status: int, body: bytes, *, retry_after: str = "") -> Object:
    """Return the object that was answered; raise what error() makes of any other answer.

    retry_after is the header of that name.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {"message": body[:_SHOWN].decode(errors="replace")}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        message = answer.get("message") if isinstance(answer, dict) else None
        seconds = int(retry_after) if retry_after.isdigit() else 0
        raise ClusterBusy(f"{doing}: {message or 'too many requests'}", retry_after_seconds=seconds)
    if status >= HTTPStatus.BAD_REQUEST or not isinstance(answer, dict):
        raise error(doing, status, answer if isinstance(answer, dict) else {})
    return answer


def error(doing: str, status: int, answer: Object) -> ClusterUnavailable | Refused:
    """Return what an answer means, which is a Status object where the API server itself gave it.

    ClusterUnavailable where another try may help and nobody knows whether the request was carried
    out, Expired among them; Refused where the server understood and said no.
    """
    message = str(answer.get("message") or f"HTTP status {status}")
    if status == HTTPStatus.GONE:
        return Expired(f"{doing}: {message}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return ClusterUnavailable(f"{doing}: {message}")
    # In the API server's own words: they are shown to whoever asked for this.
    return Refused(message, status=status, reason=str(answer.get("reason") or ""))
