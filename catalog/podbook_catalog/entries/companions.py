"""Decides which files of the catalog go along with a notebook."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Final

from podbook_crds.names import FILES_LIMIT

# What goes along without being asked for: enough for modules and sample data, little enough that
# a catalog beside a data lake still starts at once.
DEFAULT_FILE_LIMIT: Final = 16 * 1024 * 1024
DEFAULT_COUNT_LIMIT: Final = 256

# Paths below the catalog folder, with sizes in bytes.
Sizes = Mapping[PurePosixPath, int]


@dataclass(frozen=True, slots=True)
class Companions:
    """The chosen files, and a sentence where the limits left some out."""

    paths: tuple[PurePosixPath, ...]
    left_out: str = ""


class BadFiles(ValueError):
    """`files` matches more than a notebook may bring along, or nothing."""


def named(notebook: PurePosixPath, files: Sizes, patterns: list[str]) -> Companions:
    """Return exactly the files that the globs of `files` match.

    A pattern that matches nothing, or more than 64 MiB in all, raises BadFiles.
    """
    chosen: set[PurePosixPath] = set()
    for pattern in patterns:
        matched = {path for path in files if _matches(path, notebook, pattern)}
        if not matched:
            raise BadFiles(f"files: {pattern!r} matches no file of the catalog")
        chosen |= matched
    total = sum(files[path] for path in chosen)
    if total > FILES_LIMIT:
        raise BadFiles(
            f"files: the patterns match {total} bytes, more than {FILES_LIMIT}; name fewer"
        )
    return Companions(tuple(sorted(chosen)))


def nearest(folder: PurePosixPath, files: Sizes) -> Companions:
    """Return what goes along with notebooks in the folder where they do not say.

    Every file of the catalog, the nearest first, as far as 256 files, 16 MiB for one and 64 MiB
    for all allow.
    """
    chosen: list[PurePosixPath] = []
    left_out, room = 0, FILES_LIMIT
    for path in sorted(files, key=lambda path: (_distance(path.parent, folder), path)):
        if files[path] > min(room, DEFAULT_FILE_LIMIT) or len(chosen) >= DEFAULT_COUNT_LIMIT:
            left_out += 1
            continue
        chosen.append(path)
        room -= files[path]
    sentence = f"{left_out} files are too large or too many to go along by themselves"
    return Companions(tuple(sorted(chosen)), sentence if left_out else "")


def _distance(one: PurePosixPath, other: PurePosixPath) -> int:
    """How many folders one has to go up and down from one folder to the other."""
    shared = len(posixpath.commonprefix([one.parts, other.parts]))
    return len(one.parts) + len(other.parts) - 2 * shared


def _matches(path: PurePosixPath, notebook: PurePosixPath, pattern: str) -> bool:
    if pattern.startswith(("./", "../")):
        pattern = posixpath.normpath((notebook.parent / pattern).as_posix())
    if pattern.endswith("/"):
        pattern += "*"
    # fnmatch's * also matches slashes, so that `data/*` is all below data.
    return fnmatch(path.as_posix(), pattern)
