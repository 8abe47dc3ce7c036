"""The data folder: who holds it, and the secrets that live in it."""

import os
import secrets
from pathlib import Path
from typing import Final

from podbook_cluster import file_locks
from podbook_cluster.apiserver.terms.errors import StorageUnusable

_LOCK_NAME: Final = "cluster.lock"
_KEY_BYTES: Final = 32


class DataFolder:
    """A folder that one process holds.

    Raises:
        StorageUnusable: another process holds it, or it can't be written.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            self._lock = file_locks.opened(path / _LOCK_NAME)
        except OSError as error:
            raise StorageUnusable(
                f"{path} can't be used as data folder: {error.strerror}"
            ) from error
        if not file_locks.taken(self._lock):
            holder = os.pread(self._lock, 32, 0).decode().strip() or "unknown"
            os.close(self._lock)
            raise StorageUnusable(
                f"{path} is in use by the process with id {holder}; stop it, or use another"
                " data folder"
            )
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def secret(self, name: str) -> str:
        """Return a random text that stays the same as long as the folder exists."""
        path = self.path / name
        if not path.exists():
            self.write(name, secrets.token_hex(_KEY_BYTES))
        return path.read_text().strip()

    def read(self, name: str) -> str:
        """Return a file's text, "" where there is none."""
        path = self.path / name
        return path.read_text() if path.exists() else ""

    def write(self, name: str, text: str) -> None:
        """Write a file that only its owner can read, all or nothing."""
        temporary = self.path / f".{name}.new"
        descriptor = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)

    def remove(self, name: str) -> None:
        """Remove a file that may not be there."""
        (self.path / name).unlink(missing_ok=True)

    def release(self) -> None:
        """Let another process have it."""
        os.close(self._lock)
