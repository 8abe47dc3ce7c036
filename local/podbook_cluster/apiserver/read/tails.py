"""Reads a log file as it grows, through rotation and beyond its removal."""

import os
from pathlib import Path
from typing import BinaryIO


class Tail:
    """A log and where its reader is; the file may not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there was a file to read."""
        return self._file is not None

    def older(self) -> bytes:
        """Return what was rotated away."""
        try:
            return self._path.with_name(self._path.name + ".1").read_bytes()
        except FileNotFoundError:
            return b""

    def read(self) -> bytes:
        """Return what was written since the last call."""
        data = self._file.read() if self._file else b""
        if self._is_another_file():
            data += self._reopen()
        return data

    def _reopen(self) -> bytes:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return b""  # removed just now
        self.close()
        self._file = file
        return file.read()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _is_another_file(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            # Not written to yet, or removed with its pod: what is open can still be read.
            return False
        if self._file is None:
            return True
        return found.st_ino != os.fstat(self._file.fileno()).st_ino
