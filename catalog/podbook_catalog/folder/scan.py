"""Sorts what a catalog folder holds: notebooks, and the files that may go with them."""

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.folder.walk import State, Walk, walk
from podbook_crds.resources.model import PATH_PATTERN

SETTINGS_FILE: Final = "podbook.toml"
LOCK_FILE: Final = "podbook.lock.json"
NOTEBOOK_SUFFIX: Final = ".ipynb"
CONFIG_SUFFIX: Final = ".config.json"
# Of a path in a resource, which names a notebook or one of its files.
_LONGEST_PATH: Final = 1024
_NAMEABLE: Final = re.compile(PATH_PATTERN.removesuffix("$"))
UNNAMEABLE: Final = "its name is too long, or holds a control character"
# About all notebooks, and part of none.
_OF_CATALOG: Final = (SETTINGS_FILE, LOCK_FILE)


@dataclass(slots=True)
class Scan:
    """The paths in a catalog folder, relative to it, sorted, with their sizes in bytes."""

    notebooks: dict[PurePosixPath, int] = field(default_factory=dict)
    files: dict[PurePosixPath, int] = field(default_factory=dict)
    # What every file of the folder is just now, those of settings among them.
    states: dict[str, State] = field(default_factory=dict)
    # Files whose names are no UTF-8: they can stand in no URL.
    nameless: int = 0
    # Folders and links that cannot be read, and why.
    unread: dict[PurePosixPath, str] = field(default_factory=dict)
    # Of the folder itself.
    root: tuple[int, int] = (0, 0)


def scan(root: Path, *, skip: list[str]) -> Scan:
    """Return what a walk through the folder finds, sorted; raises OSError as that does."""
    return sorted_out(walk(root, skip=skip))


def sorted_out(walked: Walk) -> Scan:
    """Return the same as notebooks, files and settings."""
    found = Scan(states=walked.files, root=walked.root)
    unread = dict(walked.unread)
    for name, state in sorted(walked.files.items()):
        path = PurePosixPath(name)
        if not _is_text(name):
            found.nameless += 1
        elif path.suffix == NOTEBOOK_SUFFIX:
            if _is_nameable(name):
                found.notebooks[path] = state.size
            else:
                unread[name] = UNNAMEABLE
        elif not name.endswith(CONFIG_SUFFIX) and name not in _OF_CATALOG:
            found.files[path] = state.size
    found.unread = {PurePosixPath(path): why for path, why in sorted(unread.items())}
    return found


def _is_nameable(path: str) -> bool:
    """Tell whether a resource may name it: one that may not would end the pass over all."""
    return len(path) <= _LONGEST_PATH and _NAMEABLE.fullmatch(path) is not None


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
