"""What all entries of one pass over the folder have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from pydantic import ValidationError

from podbook_catalog.entries.accompanying_files import Companions, nearest
from podbook_catalog.environments.environments import Environments
from podbook_catalog.environments.needs import Needs
from podbook_catalog.folder.scan import UNNAMEABLE, Scan
from podbook_catalog.folder.walk import State
from podbook_catalog.interpreter import Interpreter
from podbook_crds.resources.notebook import File, SharedModel

Basis = tuple[tuple[PurePosixPath, ...], tuple[object, ...]]
# A folder of notebooks, and a file that does not go along with them.
LeftOut = tuple[PurePosixPath, PurePosixPath]
Bases = dict[tuple[PurePosixPath, ...], Basis]


class Blobs(Protocol):
    """Where the content of files goes: into a store, or only into a count of what there is."""

    # Files that were read so soon after they were written that they have to be read again.
    unsettled: set[Path]

    def put(self, data: bytes) -> str:
        """Take the bytes; return their digest."""
        ...

    def put_file(self, path: Path, state: State) -> tuple[str, int]:
        """Take the content of a file in that state; return its digest and its size in bytes."""
        ...


class Models(Protocol):
    """The shared models of a folder: read, or refused with a reason."""

    def read(self, folder: PurePosixPath, python_path: list[str]) -> dict[str, SharedModel]:
        """Return the models for notebooks in the folder, by alias; raises BrokenModels."""
        ...


class EnvironmentLocks(Protocol):
    """What needs were resolved to, where that is written down."""

    def environment(self, needs: Needs) -> str | None:
        """Return the digest of the needs' lock, None where there is none; raises Mistaken."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where entries are read from; what costs time is found out once for all of them."""

    root: Path
    scan: Scan
    # What podbook.toml says for every notebook.
    catalog: dict[str, Any]
    blobs: Blobs
    models: Models
    # None: the kernels of this machine say nothing, as the runs will be elsewhere.
    interpreter: Interpreter | None
    environment: Mapping[str, str]
    # None: no environment is made, as the runs will be elsewhere or nowhere.
    environments: Environments | None = None
    locks: EnvironmentLocks | None = None
    # What notebooks need where no environment is made, by what their runtime says of it.
    needs: dict[str, Needs] = field(default_factory=dict)
    # Files that would go along and cannot be read, and why.
    unread: dict[PurePosixPath, str] = field(default_factory=dict)
    _files: dict[PurePosixPath, File | None] = field(default_factory=dict)
    _nearest: dict[PurePosixPath, Companions] = field(default_factory=dict)
    bases_before: Bases = field(default_factory=dict)
    _bases: Bases = field(default_factory=dict)
    _with_notebooks: set[PurePosixPath] = field(default_factory=set)

    def nearest(self, folder: PurePosixPath) -> Companions:
        """Return what goes along with the folder's notebooks by itself."""
        if not self._with_notebooks:
            self._with_notebooks.update(path.parent for path in self.scan.notebooks)
        if folder not in self._nearest:
            self._nearest[folder] = nearest(
                folder, self.scan.files, with_notebooks=self._with_notebooks
            )
        return self._nearest[folder]

    def left_out(self, known: LeftOut | None) -> LeftOut | None:
        """Return a folder whose notebooks go without files that lie near, and the first of them.

        What is known already is returned for as long as it is true.
        """
        if known is not None:
            there, of_folder = known[1] in self.scan.files, self._nearest.get(known[0])
            if there and of_folder is not None and known[1] not in of_folder.paths:
                return known
        for folder, companions in sorted(self._nearest.items()):
            if companions.first_left_out is not None:
                return folder, companions.first_left_out
        return None

    def files(self, paths: Iterable[PurePosixPath]) -> list[File]:
        """Keep the files as blobs; one that is gone again, as editors' are, is left out.

        So is one that cannot be read: `unread` tells why.
        """
        found = (self._file(path) for path in paths)
        return [file for file in found if file is not None]

    def basis(self, paths: tuple[PurePosixPath, ...]) -> Basis:
        """Return what files(paths) depends on: equal where it would return the same again."""
        if paths not in self._bases:
            states = tuple(map(self._state, paths))
            before = self.bases_before.get(paths)
            # The very same where it is equal: hundreds of notebooks compare theirs with it.
            same = before is not None and before[1] == states
            self._bases[paths] = before if before is not None and same else (paths, states)
        return self._bases[paths]

    @property
    def bases(self) -> Bases:
        """Return those of this pass, for the next one."""
        return self._bases

    def _state(self, path: PurePosixPath) -> object:
        if self.root / path in self.blobs.unsettled:
            return object()  # Equal to nothing: it has to be read once more.
        return self.scan.states.get(path.as_posix())

    def _file(self, path: PurePosixPath) -> File | None:
        if path not in self._files:
            name = path.as_posix()
            self._files[path] = None
            try:
                digest, size = self.blobs.put_file(self.root / path, self.scan.states[name])
                self._files[path] = File(path=name, blob=digest, size=size)
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:
                self.unread[path] = error.strerror or str(error)
            except ValidationError:
                # What no resource may name: with it in, the notebook would not be served at all.
                self.unread[path] = UNNAMEABLE
        return self._files[path]
