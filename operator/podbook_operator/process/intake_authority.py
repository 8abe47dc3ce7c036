"""Who vouches for the intake, as its file says now: an authority is renewed while we run."""

import logging
from pathlib import Path
from typing import Final

_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"

_log = logging.getLogger(__name__)


class IntakeAuthority:
    """PEM text that runners are handed; empty where the intake speaks without TLS."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the file; raises OSError where it cannot be read."""
        self._path = path
        self._text = "" if path is None else path.read_text()

    def current(self) -> str:
        """Return what holds now."""
        return self._text

    def refresh(self) -> bool:
        """Read the file again; tell whether it says another. What is no certificate is passed over.

        It is a few kilobytes: to read it costs about what a look costs whether it changed.
        """
        if self._path is None:
            return False
        try:
            read = self._path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("%s: not readable, what held before holds on: %s", self._path, error)
            return False
        if read == self._text or _CERTIFICATE not in read:
            return False
        self._text = read
        return True
