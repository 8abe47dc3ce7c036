"""Decides which files of the catalog go along with a notebook."""

import posixpath
from collections.abc import Collection, Mapping
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
    """The chosen files, and a sentence where some were left out, with the first of them."""

    paths: tuple[PurePosixPath, ...]
    left_out: str = ""
    first_left_out: PurePosixPath | None = None


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


def nearest(
    folder: PurePosixPath, files: Sizes, *, with_notebooks: Collection[PurePosixPath] = ()
) -> Companions:
    """Return what goes along with notebooks in the folder where they do not say.

    Every file of the catalog, as far as 256 files, 16 MiB for one and 64 MiB for all allow. In a
    larger catalog the nearest first, and none of those in another folder with notebooks of its own
    (with_notebooks) beside this one: a change there must not be one of every notebook.
    """
    if _all_fit(files):
        return Companions(tuple(sorted(files)))
    chosen: list[PurePosixPath] = []
    left_out: list[PurePosixPath] = []
    room = FILES_LIMIT
    for path in sorted(files, key=lambda path: (_distance(path.parent, folder), path)):
        is_too_much = files[path] > min(room, DEFAULT_FILE_LIMIT)
        is_elsewhere = _belongs_beside(path, folder, with_notebooks)
        if is_elsewhere or is_too_much or len(chosen) >= DEFAULT_COUNT_LIMIT:
            left_out.append(path)
            continue
        chosen.append(path)
        room -= files[path]
    if not left_out:
        return Companions(tuple(sorted(chosen)))
    sentence = f"{len(left_out)} files are too large or too many to go along by themselves"
    return Companions(tuple(sorted(chosen)), sentence, left_out[0])


def _all_fit(files: Sizes) -> bool:
    sizes = files.values()
    return (
        len(sizes) <= DEFAULT_COUNT_LIMIT
        and sum(sizes) <= FILES_LIMIT
        and max(sizes, default=0) <= DEFAULT_FILE_LIMIT
    )


def _belongs_beside(
    path: PurePosixPath, folder: PurePosixPath, with_notebooks: Collection[PurePosixPath]
) -> bool:
    """Tell whether the file is that of other notebooks, in a folder neither above nor below."""
    owner = next((above for above in path.parents if above in with_notebooks), None)
    if owner is None or owner == folder:
        return False
    return owner not in folder.parents and folder not in owner.parents


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
