"""Answers by the lock file what else would have to be run, or resolved, to be known."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.environments.needs import Needs
from podbook_catalog.folder.regular_files import read_bytes
from podbook_catalog.folder.scan import LOCK_FILE
from podbook_catalog.locked.lock_file import LockedModule, LockFile, read_lock
from podbook_catalog.models.model_reading import Models
from podbook_catalog.models.shared_models import BrokenModels, place_of, together
from podbook_catalog.settings.errors import Mistaken
from podbook_crds.formats.digests import digest_of

_LIMIT: Final = 16 * 1024 * 1024
_MAKE: Final = "`podbook render DIR --lock` writes them"


class Locks:
    """The locks of a folder; a file that cannot be read is told of to whoever needs it."""

    def __init__(self, file: LockFile | None, *, problem: str = "") -> None:
        self.file, self.problem = file, problem
        held = file.environments if file else []
        self._environments = {each.needs.key: each.digest for each in held}

    @classmethod
    def of(cls, root: Path) -> "Locks":
        """Return those of the folder."""
        try:
            return cls(read_lock(root))
        except Mistaken as error:
            return cls(None, problem=str(error))

    def environment(self, needs: Needs) -> str | None:
        """Return the digest of the needs' lock, None where there is none; raises Mistaken."""
        if self.problem:
            raise Mistaken(self.problem)
        return self._environments.get(needs.key)


class LockedModels:
    """The models of a folder whose code is not run: a module is a program."""

    def __init__(
        self, root: Path, modules: list[str], locks: Locks, files: Mapping[PurePosixPath, int]
    ) -> None:
        self._root, self._modules, self._locks, self._files = root, modules, locks, files
        held = locks.file.models if locks.file else []
        self._held = {module.key: module for module in held}
        self._stale: dict[tuple[str, str, tuple[str, ...]], str] = {}

    def read(self, folder: PurePosixPath, python_path: list[str]) -> Models:
        """Return the models for notebooks in the folder, by alias; raises BrokenModels."""
        return together(self._each(folder, python_path))

    def close(self) -> None:
        """Nothing was started."""

    def _each(self, folder: PurePosixPath, python_path: list[str]) -> Iterator[tuple[str, Models]]:
        for module in self._modules:
            place = place_of(self._root, folder, module)
            held = self._held.get((place, module, tuple(python_path)))
            if held is None:
                raise BrokenModels(self._locks.problem or self._missing())
            if held.key not in self._stale:
                self._stale[held.key] = self._changed(held)
            if changed := self._stale[held.key]:
                raise BrokenModels(
                    f"its contract refers to shared models, and {changed} is not what their schemas"
                    f" in {LOCK_FILE} were made of: {_MAKE}; commit that file with it"
                )
            yield module, held.models

    def _missing(self) -> str:
        return (
            f"its contract refers to shared models ({', '.join(self._modules)}), and nothing of a"
            f" repository is run where Git is followed; their schemas are not in {LOCK_FILE}:"
            f" {_MAKE}; commit it, or push from the team's CI (`podbook push`)"
        )

    def _changed(self, held: LockedModule) -> str:
        """Return the first source that is another by now, or gone; empty where all are the same."""
        for path, digest in sorted(held.sources.items()):
            if PurePosixPath(path) not in self._files or source(self._root / path) != digest:
                return path
        return ""


def source(path: Path) -> str:
    """Return the digest of a source, the same however its lines end; empty if it is unreadable."""
    try:
        return digest_of(read_bytes(path, limit=_LIMIT).replace(b"\r\n", b"\n"))
    except OSError:
        return ""
