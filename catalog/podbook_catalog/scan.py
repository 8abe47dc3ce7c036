"""Finds what a catalog folder holds: notebooks, and the files that may go with them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

SETTINGS_FILE: Final = "podbook.toml"
NOTEBOOK_SUFFIX: Final = ".ipynb"
CONFIG_SUFFIX: Final = ".config.json"

_SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__", "site-packages"})
_VIRTUAL_ENVIRONMENT: Final = "pyvenv.cfg"
_CONDA_ENVIRONMENT: Final = "conda-meta"


@dataclass(slots=True)
class Scan:
    """The paths in a catalog folder, relative to it, sorted, with their sizes in bytes."""

    notebooks: dict[PurePosixPath, int] = field(default_factory=dict)
    files: dict[PurePosixPath, int] = field(default_factory=dict)
    # Files whose names are no UTF-8: they can stand in no URL.
    nameless: int = 0
    # Folders and links that cannot be read, and why.
    unread: dict[PurePosixPath, str] = field(default_factory=dict)


def scan(root: Path, *, skip: list[str]) -> Scan:
    """Return what the folder holds, apart from what is never part of a catalog.

    Skipped are hidden files and folders (.ipynb_checkpoints among them), virtual and conda
    environments, node_modules, __pycache__, anything that is no regular file, and what a pattern
    in skip matches (relative paths, as in `drafts/*`). Links to files are followed, links to
    folders are not: they may lead in circles. Raises OSError where the folder itself cannot be
    read.
    """
    found = Scan()
    for path, size in sorted(_walk(root, root, skip, found.unread)):
        if not _is_text(path):
            found.nameless += 1
        elif path.suffix == NOTEBOOK_SUFFIX:
            found.notebooks[path] = size
        elif not path.name.endswith(CONFIG_SUFFIX) and path.as_posix() != SETTINGS_FILE:
            found.files[path] = size
    return found


def _is_text(path: PurePosixPath) -> bool:
    try:
        path.as_posix().encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(
    root: Path, folder: Path, skip: list[str], unread: dict[PurePosixPath, str]
) -> Iterator[tuple[PurePosixPath, int]]:
    with os.scandir(folder) as scanned:
        entries = list(scanned)
    for entry in entries:
        path = PurePosixPath(Path(entry.path).relative_to(root).as_posix())
        if entry.name.startswith(".") or any(fnmatch(path.as_posix(), s) for s in skip):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if not _is_skipped(Path(entry.path)):
                    yield from _walk(root, Path(entry.path), skip, unread)
            elif entry.is_file():
                yield path, entry.stat().st_size
        except FileNotFoundError:
            pass  # Gone again: an editor's temporary file.
        except OSError as error:
            unread[path] = error.strerror or str(error)


def _is_skipped(folder: Path) -> bool:
    return (
        folder.name in _SKIPPED_FOLDERS
        or (folder / _VIRTUAL_ENVIRONMENT).exists()
        or (folder / _CONDA_ENVIRONMENT).exists()
    )
