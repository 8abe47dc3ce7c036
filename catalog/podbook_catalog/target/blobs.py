"""Puts the content of files into the artifact store's folder, by digest."""

import os
import tempfile
from pathlib import Path

from podbook_catalog.folder.regular_files import read_bytes
from podbook_catalog.folder.settling import Settling
from podbook_catalog.folder.walk import State
from podbook_crds.content import blob_digest, blob_path


class Blobs:
    """The blobs of a store in a folder, and which file was last seen to be which blob."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._seen: dict[Path, tuple[State, str]] = {}
        self._settling = Settling()
        # Files that were read so soon after they were written that they have to be read again.
        self.unsettled: set[Path] = set()

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

    def put_file(self, path: Path, state: State) -> tuple[str, int]:
        """Keep the content of a file in that state; return its digest and its size in bytes."""
        seen, digest = self._seen.get(path, (None, ""))
        if seen == state and (self._store / blob_path(digest)).exists():
            return digest, state.size
        is_settled = self._settling.is_settled(os.fspath(path), state)
        data = read_bytes(path)
        digest = self.put(data)
        self._seen.pop(path, None)
        if is_settled:
            self._seen[path] = (state, digest)
            self.unsettled.discard(path)
        else:
            self.unsettled.add(path)
        return digest, len(data)


def _write(target: Path, data: bytes) -> None:
    """Write beside the target and rename: nobody ever reads half a blob."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(target)
