"""The loader's connection to the API: with the token and the authority that its pod is given."""

import logging
import ssl
from collections.abc import Generator
from pathlib import Path
from typing import Self

import httpx

from podbook_catalog.pushing.following.following_settings import FollowingSettings

_log = logging.getLogger(__name__)


class _TokenOfFile(httpx.Auth):
    """Shows the token of a file, read each time: a projected one is renewed there."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = self._file.read_text(encoding="utf-8").strip()
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


class _Believing(httpx.BaseTransport):
    """Believes the authority of a file and nobody else; where there is none, the machine's."""

    def __init__(self, file: Path | None) -> None:
        self._file, self._text = file, self._read(file)
        # Where the very first one cannot be used, nobody is believed until it can.
        believed = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._inner = httpx.HTTPTransport(verify=self._context() or believed)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()

    def renew(self) -> None:
        """Take in what the file holds by now; what cannot be used changes nothing."""
        before, self._text = self._text, self._read(self._file)
        if self._text == before:
            return
        # Anew, not added: an authority that was renewed has its former name, and hides behind it.
        if (context := self._context()) is not None:
            self._inner.close()
            self._inner = httpx.HTTPTransport(verify=context)

    def _context(self) -> ssl.SSLContext | None:
        try:
            return ssl.create_default_context(cadata=self._text or None)
        except (ssl.SSLError, ValueError) as error:
            _log.warning("%s holds no certificate: %s", self._file, error)
            return None

    def _read(self, file: Path | None) -> str:
        """Return the text; some issuers leave the key of the Secret out, or empty."""
        try:
            return "" if file is None else file.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return ""


class Connection:
    """One server, asked as long as a `with` block lasts."""

    def __init__(self, settings: FollowingSettings) -> None:
        auth = None if settings.token_file is None else _TokenOfFile(settings.token_file)
        self._transport = _Believing(settings.authority)
        self.http = httpx.Client(
            base_url=settings.server, auth=auth, transport=self._transport, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def renew(self) -> None:
        """Believe the authority that the Secret holds by now."""
        self._transport.renew()
