"""Writes one container's output to a file of bounded size, with one older file beside it."""

import os
from pathlib import Path


class LogFile:
    """`NAME.log`, moved to `NAME.log.1` when it is full; plain text, as the container wrote it."""

    def __init__(self, path: Path, *, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._fd = self._open()
        self._size = os.fstat(self._fd).st_size

    def write(self, data: bytes) -> None:
        """Append; a disk that is full loses output rather than the container."""
        if self._size and self._size + len(data) > self._limit:
            self._rotate()
        try:
            self._size += os.write(self._fd, data)
        except OSError:
            return

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _rotate(self) -> None:
        try:
            self._path.replace(self._path.with_name(self._path.name + ".1"))
            fd = self._open()
        except OSError:
            # Its folder is gone, or no file can be opened: what is open begins anew.
            os.ftruncate(self._fd, 0)
        else:
            os.close(self._fd)
            self._fd = fd
        self._size = 0

    def _open(self) -> int:
        return os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
