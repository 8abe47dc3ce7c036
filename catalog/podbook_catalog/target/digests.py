"""Tells the digests of files without keeping anything: for who only looks, or sends them later."""

from pathlib import Path

from podbook_catalog.folder.regular_files import read_bytes
from podbook_catalog.folder.walk import State
from podbook_crds.content import blob_digest


class Digests:
    """What a store would hold of a folder, and where the bytes of each file still are."""

    def __init__(self) -> None:
        self.unsettled: set[Path] = set()
        # By digest; of notebooks the bytes themselves are known, of other files where they are.
        self.notebooks: dict[str, bytes] = {}
        self.files: dict[str, Path] = {}

    def put(self, data: bytes) -> str:
        """Keep the bytes of a notebook; return their digest."""
        digest = blob_digest(data)
        self.notebooks[digest] = data
        return digest

    def put_file(self, path: Path, state: State) -> tuple[str, int]:
        """Remember where a file is; return its digest and its size in bytes."""
        data = read_bytes(path)
        digest = blob_digest(data)
        self.files[digest] = path
        return digest, len(data)

    def read(self, digest: str) -> bytes | None:
        """Return the bytes of that digest; None where the file is another by now.

        Raises OSError.
        """
        if digest in self.notebooks:
            return self.notebooks[digest]
        data = read_bytes(self.files[digest])
        return data if blob_digest(data) == digest else None
