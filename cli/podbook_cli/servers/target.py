"""Finds the server that a command is meant for."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from podbook_cli.exits import BadInput, NoServer

if TYPE_CHECKING:
    from podbook.calling.rest import Rest
    from podbook_local.up.data_folder import DataFolder

# Of a `podbook up` that somebody has just started.
_READY_SECONDS: Final = 90.0
_ASK_AGAIN_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Target:
    """What the options say about the server."""

    url: str | None = None
    token: str | None = None
    directory: Path | None = None
    data_dir: Path | None = None
    python: Path | None = None
    # Seconds in which what only reads is asked again, where no answer came.
    patience: float = 0.0

    @contextmanager
    def client(self, *, timeout: float = 30.0, is_patient: bool = True) -> "Iterator[Rest]":
        """Give a client of the server; raises NoServer where none is running.

        Patient: one that is only starting is waited for.
        """
        from podbook.calling.rest import Rest

        url = self.checked_url() or (self.running_url() if is_patient else self._url_now())
        if url is None:
            what = (
                f"keeps its data in {self.data_dir}" if self.data_dir else f"serves {self.folder}"
            )
            raise NoServer(
                f"no `podbook up` {what}; start one, or name another with --dir or --url"
            )
        with Rest(url, token=self.token, timeout=timeout, patience=self.patience) as client:
            yield client

    def checked_url(self) -> str | None:
        """Return the URL that was given; raises BadInput where it is none."""
        return checked_url(self.url)

    @property
    def is_named(self) -> bool:
        """Whether somebody said which server is meant, rather than which folder."""
        return self.url is not None

    @property
    def folder(self) -> Path:
        """The catalog folder that is meant."""
        # As `podbook up` names it: a link is not resolved.
        return Path(os.path.abspath(self.directory or Path.cwd()))

    def running_url(self) -> str | None:
        """Return the URL of the `podbook up` that serves the folder, or one around it."""
        state = self._running()
        return str(state["url"]) if state else None

    def _url_now(self) -> str | None:
        state = self._held() or {}
        return str(state["url"]) if state.get("ready") else None

    def running_catalog(self) -> Path | None:
        """Return the catalog folder of the same."""
        state = self._running()
        return Path(state["catalog"]) if state else None

    def running_interpreter(self) -> str | None:
        """Return the Python that runs its kernels; None for a server named by its URL."""
        state = {} if self.url else self._running()
        return str(state["python"]) if state else None

    def _running(self) -> dict[str, Any]:
        """Return the state of the server that is meant; one that is starting is waited for."""
        give_up = time.monotonic() + _READY_SECONDS
        while (state := self._held()) is not None and not state.get("ready"):
            if time.monotonic() > give_up:
                return {}
            time.sleep(_ASK_AGAIN_SECONDS)
        return state or {}

    def _held(self) -> dict[str, Any] | None:
        """Return the state of what serves the folder now, one that is ready first."""
        folder = self.held_folder()
        return None if folder is None else folder.read_state()

    def held_folder(self) -> "DataFolder | None":
        """Return the data folder of what serves the folder now, of one that is ready first."""
        from podbook_local.up.data_folder import DataFolder, is_held
        from podbook_local.up.elsewhere import served

        if self.data_dir is not None:
            folder = DataFolder(self.data_dir)
            return folder if is_held(folder) else None
        found = [(folder, folder.read_state()) for folder in served(os.environ)]
        meant = [(f, s) for f, s in found if "catalog" in s and _serves(s["catalog"], self.folder)]
        return max(meant, key=lambda each: bool(each[1].get("ready")), default=(None, None))[0]


def checked_url(url: str | None) -> str | None:
    """Return the URL that was given; raises BadInput where it is none."""
    if url is None:
        return None
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return url
    raise BadInput(f"--url {url}: write http://HOST:PORT")


def _serves(catalog: str, folder: Path) -> bool:
    """Also true where the catalog is a folder in the one that is meant: `.` with notebooks/."""
    where, meant = Path(catalog).resolve(), folder.resolve()
    return meant.is_relative_to(where) or where.parent == meant
