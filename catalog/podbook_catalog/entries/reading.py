"""What all entries of one pass over the folder have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from podbook_catalog.entries.companions import Companions, nearest
from podbook_catalog.interpreter import Interpreter
from podbook_catalog.models.shared_models import SharedModels
from podbook_catalog.scan import Scan
from podbook_catalog.target.blobs import Blobs
from podbook_crds.resources.notebook import File


@dataclass(frozen=True, slots=True)
class Place:
    """Where entries are read from; what costs time is found out once for all of them."""

    root: Path
    scan: Scan
    # What podbook.toml says for every notebook.
    catalog: dict[str, Any]
    blobs: Blobs
    models: SharedModels
    interpreter: Interpreter
    environment: Mapping[str, str]
    _files: dict[PurePosixPath, File | None] = field(default_factory=dict)
    _nearest: dict[PurePosixPath, Companions] = field(default_factory=dict)

    def nearest(self, folder: PurePosixPath) -> Companions:
        """Return what goes along with the folder's notebooks by itself."""
        if folder not in self._nearest:
            self._nearest[folder] = nearest(folder, self.scan.files)
        return self._nearest[folder]

    def files(self, paths: tuple[PurePosixPath, ...]) -> list[File]:
        """Keep the files as blobs; one that is gone again, as editors' are, is left out."""
        found = (self._file(path) for path in paths)
        return [file for file in found if file is not None]

    def _file(self, path: PurePosixPath) -> File | None:
        if path not in self._files:
            try:
                digest, size = self.blobs.put_file(self.root / path)
                self._files[path] = File(path=path.as_posix(), blob=digest, size=size)
            except FileNotFoundError:
                self._files[path] = None
        return self._files[path]
