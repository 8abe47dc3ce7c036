"""Decides which files of the catalog go along with a notebook."""

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

from podbook_crds.names import FILES_LIMIT

# What goes along without being asked for: enough for modules and sample data, little enough that
# a catalog beside a data lake still starts at once.
DEFAULT_FILE_LIMIT: Final = 16 * 1024 * 1024
DEFAULT_COUNT_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class Companions:
    """The chosen files, and a sentence where the limits left some out."""

    paths: tuple[PurePosixPath, ...]
    left_out: str = ""


class TooLarge(ValueError):
    """The files that were asked for are more than a notebook may bring along."""


def companions(
    root: Path, notebook: PurePosixPath, files: list[PurePosixPath], *, wanted: list[str] | None
) -> Companions:
    """Return the files that go along with the notebook, all paths relative to the root.

    wanted are the globs of `files`: exactly what they match goes along; more than 64 MiB in all
    raises TooLarge. Without them every file of the catalog does, the nearest to the notebook
    first, as far as 256 files, 16 MiB for one and 64 MiB for all allow.
    """
    if wanted is not None:
        chosen = [path for path in files if any(_matches(path, notebook, g) for g in wanted)]
        total = sum(_size(root, path) for path in chosen)
        if total > FILES_LIMIT:
            raise TooLarge(
                f"files: the patterns match {total} bytes, more than {FILES_LIMIT}; name fewer"
            )
        return Companions(tuple(chosen))
    return _nearest(root, notebook, files)


def _nearest(root: Path, notebook: PurePosixPath, files: list[PurePosixPath]) -> Companions:
    chosen: list[PurePosixPath] = []
    left_out, room = 0, FILES_LIMIT
    for path in sorted(files, key=lambda path: (_distance(path, notebook), path)):
        size = _size(root, path)
        if size > min(room, DEFAULT_FILE_LIMIT) or len(chosen) >= DEFAULT_COUNT_LIMIT:
            left_out += 1
            continue
        chosen.append(path)
        room -= size
    sentence = f"{left_out} files are too large or too many to go along by themselves"
    return Companions(tuple(sorted(chosen)), sentence if left_out else "")


def _distance(path: PurePosixPath, notebook: PurePosixPath) -> int:
    """How many folders one has to go up and down from the notebook to the file."""
    here, there = notebook.parent.parts, path.parent.parts
    shared = len(posixpath.commonprefix([here, there]))
    return len(here) + len(there) - 2 * shared


def _matches(path: PurePosixPath, notebook: PurePosixPath, pattern: str) -> bool:
    if pattern.startswith((".", "..")):
        pattern = posixpath.normpath((notebook.parent / pattern).as_posix())
    if pattern.endswith("/"):
        pattern += "*"
    # fnmatch's * also matches slashes, so that `data/*` is all below data.
    return fnmatch(path.as_posix(), pattern)


def _size(root: Path, path: PurePosixPath) -> int:
    return (root / path).stat().st_size
