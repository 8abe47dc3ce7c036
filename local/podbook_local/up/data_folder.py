"""The folder where `podbook up` keeps what belongs to one catalog folder."""

import contextlib
import hashlib
import json
import os
import pwd
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from podbook_cluster import file_locks
from podbook_crds.formats.whole_files import write_whole

_LOCK_TRIES: Final = 10
_LOCK_PAUSE_SECONDS: Final = 0.02


class FolderHeld(Exception):
    """Another `podbook up` serves this folder; the message names its process."""


class FolderUnusable(Exception):
    """The data folder cannot be made, read or written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where everything stands in it; the folder is its user's alone (0700)."""

    path: Path

    @property
    def kubeconfig(self) -> Path:
        """Of the embedded cluster, for kubectl, people and our own parts."""
        return self.path / "kubeconfig"

    @property
    def api_token(self) -> Path:
        """The bearer token that callers of the REST API show, where one is demanded."""
        return self.path / "api-token"

    @property
    def operator_config(self) -> Path:
        """Slots, and what else the operator reads again when it changes."""
        return self.path / "operator.json"

    @property
    def store(self) -> Path:
        """The artifact store."""
        return self.path / "store"

    @property
    def cluster(self) -> Path:
        """The embedded cluster's database and its pods."""
        return self.path / "cluster"

    @property
    def logs(self) -> Path:
        """One log for each part."""
        return self.path / "logs"

    @property
    def catalog_pending(self) -> Path:
        """There while the catalog is read for the first time: the API gives no 404 until then."""
        return self.path / "catalog-pending"

    @property
    def state(self) -> Path:
        """What a running `podbook up` is and where it listens; see write_state."""
        return self.path / "state.json"

    def make(self) -> None:
        """Make the folders; what is there stays. Raises FolderUnusable."""
        with self._explained():
            for folder in (self.path, self.store, self.cluster, self.logs):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.chmod(0o700)
            self._close()

    def _close(self) -> None:
        """Take away what an earlier version let others do; its lock tells that it was there."""
        lock = self.path / "lock"
        if not lock.exists() or not lock.stat().st_mode & 0o077:
            return
        for folder, folders, files in os.walk(self.path):
            for path in (Path(folder, name) for name in (*folders, *files)):
                # What ended kernels left may be going just now.
                with contextlib.suppress(FileNotFoundError):
                    if path != lock:
                        _close(path)
        _close(lock)

    def secret(self, path: Path) -> str:
        """Return the random text in the file, made when it is first asked for."""
        with self._explained():
            if not path.exists():
                self.write_secret(path, secrets.token_hex(32))
            return path.read_text()

    def write_secret(self, path: Path, text: str) -> None:
        """Write a file that its user alone may read, in one step. Raises FolderUnusable."""
        with self._explained():
            write_whole(path, text, mode=0o600)

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Write down what runs: pid, url, catalog, ready; read by the command line."""
        self.write_secret(self.state, json.dumps(state, indent=1))

    def read_state(self) -> dict[str, Any]:
        """Return what was written last, or nothing."""
        try:
            state: dict[str, Any] = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return state

    def lock(self) -> BinaryIO:
        """Open the file whose lock stands for the whole folder. Raises FolderUnusable."""
        with self._explained():
            return (self.path / "lock").open("a+b")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FolderUnusable(
                f"{self.path} cannot hold Podbook's data"
                f" ({error.filename or 'write'}: {error.strerror});"
                " --data-dir names another folder for them"
            ) from error


def _close(path: Path) -> None:
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode):
        path.chmod(stat.S_IMODE(mode) & 0o700)


def data_root(environment: Mapping[str, str]) -> Path:
    """Return the folder that holds the data folders of all catalogs: by the XDG rules.

    Raises FolderUnusable where nothing says where the user's folders are.
    """
    # XDG asks to ignore relative paths.
    if os.path.isabs(given := environment.get("XDG_DATA_HOME", "")):
        return Path(given, "podbook")
    return Path(_home(environment), ".local", "share", "podbook")


def _home(environment: Mapping[str, str]) -> str:
    if os.path.isabs(given := environment.get("HOME", "")):
        return given
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        raise FolderUnusable(
            "no home folder is known (HOME is not set, the user has no account here);"
            " --data-dir names a folder for Podbook's data"
        ) from None


def default_for(catalog: Path, environment: Mapping[str, str]) -> DataFolder:
    """Return the data folder of a catalog: its name, for people, and a hash of its whole path."""
    digest = hashlib.sha256(os.fsencode(catalog)).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", catalog.name).strip("-") or "notebooks"
    return DataFolder(data_root(environment) / f"{name}-{digest}")


@contextlib.contextmanager
def held(folder: DataFolder) -> Iterator[Callable[[], bool]]:
    """Hold the folder for this process alone; raises FolderHeld or FolderUnusable.

    A lock of the kernel's, not a pid in a file: it is gone with its process, however that ends.
    What is given tells whether the folder is still the one that was locked.
    """
    with folder.lock() as file:
        if not _locked(file):
            raise FolderHeld(held_by(folder))
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        yield lambda: _is_at(file, folder.path / "lock")


def is_held(folder: DataFolder) -> bool:
    """Tell whether a `podbook up` serves from this data folder now."""
    try:
        with (folder.path / "lock").open("rb") as file:
            return not file_locks.taken(file.fileno(), shared=True)
    except OSError:
        return False


def _locked(file: BinaryIO) -> bool:
    """Take the lock; try for a moment, because `is_held` holds it for an instant too."""
    for _ in range(_LOCK_TRIES):
        if file_locks.taken(file.fileno()):
            return True
        time.sleep(_LOCK_PAUSE_SECONDS)
    return False


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def held_by(folder: DataFolder) -> str:
    """Return a sentence that names who serves from the data folder."""
    try:
        pid = (folder.path / "lock").read_text() or "unknown"
    except OSError:
        pid = "unknown"
    url = folder.read_state().get("url", "")
    at = f" at {url}" if url else ""
    return f"the folder is already served by process {pid}{at}; its data are in {folder.path}"
