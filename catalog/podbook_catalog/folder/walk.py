"""Walks a catalog folder: everything that may be served from it, and what each file is just now.

Two walks that are equal saw the same folder: this is how changes are found where the system tells
of none.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import Final, NamedTuple

_SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__", "site-packages"})
_VIRTUAL_ENVIRONMENT: Final = "pyvenv.cfg"
_CONDA_ENVIRONMENT: Final = "conda-meta"
_NEVER: Final = re.compile(r"(?!)")


class State(NamedTuple):
    """What a file is at one moment: another state means that it has to be looked at again.

    The change time tells of new rights, and of a file put in the place of one with the same times.
    """

    modified_ns: int
    changed_ns: int
    size: int
    inode: int
    device: int


@dataclass(slots=True)
class Walk:
    """What was found; paths are relative to the folder, with slashes."""

    # Of the folder itself: another one has taken its place where this differs.
    root: tuple[int, int] = (0, 0)
    files: dict[str, State] = field(default_factory=dict)
    # Folders that were looked into, the folder itself as an empty path.
    folders: set[str] = field(default_factory=set)
    # What cannot be read, and why.
    unread: dict[str, str] = field(default_factory=dict)


def walk(root: Path, *, skip: list[str]) -> Walk:
    """Return what the folder holds, apart from what is never part of a catalog.

    Skipped are hidden files and folders (.ipynb_checkpoints among them), virtual and conda
    environments, node_modules, __pycache__, anything that is no regular file, and what a pattern
    in skip matches (relative paths, as in `drafts/*`). Links to files are followed, links to
    folders are not: they may lead in circles, or to /proc. Raises OSError where the folder itself
    cannot be read.
    """
    found = Walk(identity(root))
    skipped = re.compile("|".join(map(translate, skip))) if skip else _NEVER
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            entries = _listed(root, folder)
        except OSError as error:
            if not folder:
                raise
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                found.unread[folder[:-1]] = _why(error)
            continue
        if not folder or not _is_skipped(entries):
            found.folders.add(folder[:-1])
            waiting += _look_at(entries, folder, skipped, found)
    return found


def identity(folder: Path) -> tuple[int, int]:
    """Return what a folder keeps when it is renamed, and its successor does not have.

    A link is followed: the folder is the one where it leads now. Raises OSError.
    """
    found = folder.stat()
    return found.st_dev, found.st_ino


def _listed(root: Path, folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(root / folder if folder else root) as scanned:
        return list(scanned)


def _is_skipped(entries: list[os.DirEntry[str]]) -> bool:
    return any(entry.name in {_VIRTUAL_ENVIRONMENT, _CONDA_ENVIRONMENT} for entry in entries)


def _look_at(
    entries: list[os.DirEntry[str]], folder: str, skipped: re.Pattern[str], found: Walk
) -> Iterator[str]:
    """Take in the files; yield the folders that are to be looked into, each with a slash."""
    for entry in entries:
        name = entry.name
        path = folder + name
        if name.startswith(".") or skipped.match(path):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if name not in _SKIPPED_FOLDERS:
                    yield path + "/"
                continue
            about = entry.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue  # Gone again, as an editor's temporary file, or a link to nothing.
        except OSError as error:
            found.unread[path] = _why(error)
            continue
        if stat.S_ISREG(about.st_mode):
            found.files[path] = State(
                about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino, about.st_dev
            )


def _why(error: OSError) -> str:
    return error.strerror or str(error)
