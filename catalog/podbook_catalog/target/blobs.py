"""Puts the content of files into the artifact store's folder, by digest."""

import os
import tempfile
import time
from pathlib import Path
from typing import Final

from podbook_crds.content import blob_digest, blob_path

# Some file systems keep whole seconds, FAT every other one.
_CLOCK_TICK_SECONDS: Final = 2.0

# What a file was when it was last read: its bytes are read again only where this changed.
_State = tuple[int, int, int]


class Blobs:
    """The blobs of a store in a folder, and which file was last seen to be which blob."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._seen: dict[Path, tuple[_State, str]] = {}

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their digest; what is there already is not written again."""
        digest = blob_digest(data)
        target = self._store / blob_path(digest)
        try:
            # Its age tells the store's sweep that the blob is in use again.
            os.utime(target)
        except FileNotFoundError:
            _write(target, data)
        return digest

    def put_file(self, path: Path) -> tuple[str, int]:
        """Keep the file's content and return its digest and its size in bytes."""
        info = path.stat()
        state = (info.st_mtime_ns, info.st_size, info.st_ino)
        seen, digest = self._seen.get(path, (None, ""))
        if seen != state or not (self._store / blob_path(digest)).exists():
            digest = self.put(path.read_bytes())
            self._seen.pop(path, None)
            # A file written a moment ago may be written again within the same tick of its
            # file system's clock, to the same size: only an older time tells of every change.
            if time.time() - info.st_mtime > _CLOCK_TICK_SECONDS:
                self._seen[path] = (state, digest)
        return digest, info.st_size


def _write(target: Path, data: bytes) -> None:
    """Write beside the target and rename: nobody ever reads half a blob."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(target)
