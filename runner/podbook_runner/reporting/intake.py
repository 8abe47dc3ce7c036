"""Speaks the intake's protocol: claim, blobs, artifacts, progress, result.

The standard library's client alone: importing another takes longer than the whole exchange.
"""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from podbook_crds.protocol import intake as routes
from podbook_runner.reporting.retries import Until, tries

if TYPE_CHECKING:
    import ssl

# Seconds without a byte from the intake before a try counts as failed.
SOCKET_TIMEOUT_SECONDS = 30.0
# A connection comes about at once or not at all: a Service may still lead to a pod that has gone.
CONNECT_TIMEOUT_SECONDS = 5.0

# 401: the kubelet may be about to replace the token. 408, 425: a proxy on the way.
_WORTH_ANOTHER_TRY = frozenset({401, 408, 425, 429})
_UNAUTHORIZED_LIMIT = 20


class Gone(Exception):
    """The intake has nothing (more) for this pod: final, claimed by another, or deleted."""


class Missing(Exception):
    """The store lacks artifacts that the result names; the argument lists their names."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class Rejected(Exception):
    """The intake refused, and will again: the message says what it answered."""


class Unreachable(Exception):
    """The intake did not answer as long as it was worth trying."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An artifact to send; open is called for every try and gives its bytes from the start."""

    name: str
    media_type: str
    size: int
    digest: str
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Intake:
    """The intake at a base URL; the token is read anew for every request, as it is replaced."""

    url: str
    token_file: Path
    # PEM text of who vouches for it, where it speaks TLS; empty: whom this machine believes.
    authority: str = ""

    @property
    def path(self) -> str:
        """What stands before every path of the protocol."""
        return urlsplit(self.url).path.rstrip("/")

    def authorization(self) -> dict[str, str]:
        """Return the header that says who asks."""
        return {"Authorization": f"Bearer {self.token_file.read_text().strip()}"}

    def claim(self, *, until: Until) -> dict[str, Any]:
        """Return the job as JSON; raises Gone where this pod is not to run it."""
        answer: dict[str, Any] = json.loads(self._call("POST", routes.CLAIM_PATH, until=until))
        return answer

    def is_called(self, *, wait_seconds: int, until: Until) -> bool:
        """Tell whether the pod was given to an execution, as soon as it was; it may claim then."""
        path = f"{routes.CALLED_PATH}?wait={wait_seconds}"
        return self._answer("GET", path, until=until)[0] == http.client.NO_CONTENT

    def preparation(self, *, until: Until) -> dict[str, Any]:
        """Return what can be prepared before a call: a job without parameters."""
        answer: dict[str, Any] = json.loads(self._call("GET", routes.PREPARATION_PATH, until=until))
        return answer

    def prepared(self, *, ok: bool, message: str = "", until: Until) -> None:
        """Say that the pod waits for a call, or why it cannot."""
        body = json.dumps({"ok": ok, "message": message}).encode()
        self._call("POST", routes.PREPARED_PATH, headers=_JSON, body=body, until=until)

    def blob(self, digest: str, *, until: Until) -> bytes:
        """Return the bytes of a blob; the caller checks the digest."""
        return self._call("GET", f"{routes.BLOBS_PATH}/{quote(digest, safe=':')}", until=until)

    def upload(self, upload: Upload, *, until: Until) -> None:
        """Store one artifact; doing it again changes nothing."""
        headers = {
            "Content-Type": upload.media_type,
            "Content-Length": str(upload.size),
            routes.DIGEST_HEADER: upload.digest,
        }
        path = f"{routes.ARTIFACTS_PATH}/{quote(upload.name)}"
        self._call("PUT", path, headers=headers, body=upload.open, until=until)

    def result(self, wire: dict[str, Any], *, until: Until) -> bool:
        """Hand in the result; tell whether the execution is now final. Raises Missing, Gone."""
        body = json.dumps(wire).encode()
        answer = self._call("POST", routes.RESULT_PATH, headers=_JSON, body=body, until=until)
        return bool(json.loads(answer or b"{}").get("final"))

    def _call(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | Callable[[], IO[bytes]] | None = None,
        until: Until,
    ) -> bytes:
        return self._answer(method, path, headers=headers, body=body, until=until)[1]

    def _answer(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | Callable[[], IO[bytes]] | None = None,
        until: Until,
    ) -> tuple[int, bytes]:
        last = "not tried"
        for number in tries(until):
            try:
                status, answer = self._once(method, path, headers or {}, body)
            except (OSError, http.client.HTTPException) as error:
                last = f"{type(error).__name__}: {error}"
                continue
            if status < http.client.BAD_REQUEST:
                return status, answer
            last = f"{status} {answer[:300].decode(errors='replace')}"
            if not _is_worth_another_try(status, number):
                raise _refusal(status, answer, last)
        raise Unreachable(f"{method} {path}: {last}")

    def _once(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | Callable[[], IO[bytes]] | None,
    ) -> tuple[int, bytes]:
        authorization = self.authorization()
        sent = body() if callable(body) else body
        connection = connection_to(self.url, self.authority)
        try:
            connection.request(
                method, self.path + path, body=sent, headers={**headers, **authorization}
            )
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
            if sent is not None and not isinstance(sent, bytes):
                sent.close()


def connection_to(url: str, authority: str = "") -> http.client.HTTPConnection:
    """Return a connection to an intake; raises OSError where there is none."""
    place = urlsplit(url)
    where, seconds = (place.hostname or "", place.port), CONNECT_TIMEOUT_SECONDS
    connection = http.client.HTTPConnection(*where, timeout=seconds)
    if place.scheme == "https":
        tls = _trusting(authority)
        connection = http.client.HTTPSConnection(*where, timeout=seconds, context=tls)
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    connection.sock.settimeout(SOCKET_TIMEOUT_SECONDS)
    return connection


@cache
def _trusting(authority: str) -> "ssl.SSLContext":
    """Return what believes the authority alone, made once for a run."""
    import ssl  # Not before it is needed: a laptop's intake has no TLS.

    return ssl.create_default_context(cadata=authority or None)


_JSON = {"Content-Type": "application/json"}


def _is_worth_another_try(status: int, number: int) -> bool:
    if status in _WORTH_ANOTHER_TRY:
        return number < _UNAUTHORIZED_LIMIT
    return status >= http.client.INTERNAL_SERVER_ERROR


def _refusal(status: int, answer: bytes, shown: str) -> Exception:
    try:
        body = json.loads(answer or b"{}")
    except ValueError:
        body = {}
    if status == http.client.GONE:
        return Gone(str(body.get("message") or body.get("reason") or shown))
    if status == http.client.CONFLICT and isinstance(body.get("missing"), list):
        return Missing([str(name) for name in body["missing"]])
    return Rejected(shown)
