"""The one token of an API that is reachable from other machines."""

import base64
import binascii
import hmac
from pathlib import Path

from starlette.datastructures import Headers

from podbook_api.http.problems import Problem


class TokenFile:
    """The token in a file, read again for every request: replacing the file replaces the token."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self, headers: Headers) -> None:
        """Raise Problem 401 unless the request shows the token.

        As a bearer token, or as the password of HTTP Basic with any user: what a browser can ask.
        """
        try:
            expected = self._path.read_text().strip().encode()
        except OSError as error:
            raise Problem(503, "no-token", "The token file cannot be read", str(error)) from error
        shown = _shown(headers.get("authorization", ""))
        if not expected or not hmac.compare_digest(shown, expected):
            raise Problem(
                401,
                "unauthorized",
                "The API wants its token",
                "send Authorization: Bearer TOKEN",
                headers={"WWW-Authenticate": 'Bearer, Basic realm="podbook"'},
            )


def _shown(authorization: str) -> bytes:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return value.strip().encode() if scheme.lower() == "bearer" else b""
