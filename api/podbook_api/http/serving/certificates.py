"""A certificate for a server, read again when its file changes: who renews it restarts nothing."""

import asyncio
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from podbook_api.settings import Settings
from podbook_crds.errors import PodbookError

_LOOK_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


class CannotCertify(PodbookError):
    """A certificate or its key cannot be used; the message says which, and why."""


class Certificate:
    """PEM files of a certificate, with those that lead to its authority, and of its key."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raise CannotCertify."""
        self._files = certificate, key
        self._stamp = self._stamped()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self.context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise CannotCertify(f"{certificate} with {key} is no certificate: {error}") from error

    async def keep_fresh(self, *, every_seconds: float = _LOOK_SECONDS) -> None:
        """Show who connects from then on what the files hold now; a broken pair changes nothing."""
        while True:
            await asyncio.sleep(every_seconds)
            self.refresh()

    def refresh(self) -> bool:
        """Read the files if they changed; tell whether they hold something new that can be used."""
        stamp = self._stamped()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            # Into another one first: half a pair would be what everybody is shown.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._files)
            self.context.load_cert_chain(*self._files)
        except (OSError, ssl.SSLError) as error:
            _log.warning("%s: not usable, the one before goes on: %s", self._files[0], error)
            return False
        _log.info("%s: the certificate is a new one", self._files[0])
        return True

    def _stamped(self) -> tuple[tuple[int, int], ...]:
        try:
            found = [file.stat() for file in self._files]
        except OSError:
            return ()
        return tuple((each.st_mtime_ns, each.st_ino) for each in found)


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the users' port and the intake show; None where they speak without TLS."""

    users: Certificate | None = None
    intake: Certificate | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read what the settings name; raise CannotCertify."""
        return cls(
            _read(settings.tls_certificate, settings.tls_key),
            _read(settings.intake_tls_certificate, settings.intake_tls_key),
        )

    @property
    def each(self) -> list[Certificate]:
        """Those that there are."""
        return [found for found in (self.users, self.intake) if found is not None]


def _read(certificate: Path | None, key: Path | None) -> Certificate | None:
    return None if certificate is None or key is None else Certificate(certificate, key)
