"""Sorts what a catalog folder holds: notebooks, and the files that may go with them."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_catalog.folder.walk import State, Walk, walk

SETTINGS_FILE: Final = "podbook.toml"
NOTEBOOK_SUFFIX: Final = ".ipynb"
CONFIG_SUFFIX: Final = ".config.json"


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
    for name, state in sorted(walked.files.items()):
        path = PurePosixPath(name)
        if not _is_text(name):
            found.nameless += 1
        elif path.suffix == NOTEBOOK_SUFFIX:
            found.notebooks[path] = state.size
        elif not name.endswith(CONFIG_SUFFIX) and name != SETTINGS_FILE:
            found.files[path] = state.size
    found.unread = {PurePosixPath(path): why for path, why in sorted(walked.unread.items())}
    return found


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
