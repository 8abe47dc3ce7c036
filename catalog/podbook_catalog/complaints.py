"""What people are told about a folder as a whole: one line for one cause, however many files."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from podbook_catalog.entries.reading import LeftOut
from podbook_catalog.folder.scan import Scan

_NAMED: Final = 3


def of_scan(found: Scan) -> list[str]:
    """Return what is wrong with names and folders."""
    sentences = []
    if found.nameless:
        sentences.append(f"{found.nameless} files are not served: their names are no UTF-8")
    return [*sentences, *_by_cause(found.unread, "cannot be read")]


def of_files(unread: Mapping[PurePosixPath, str], left_out: LeftOut | None) -> list[str]:
    """Return what does not go along with the notebooks, though nobody said so."""
    sentences = list(_by_cause(unread, "cannot be read, and goes along with no notebook"))
    if left_out:
        folder, path = left_out
        sentences.append(
            f"{path} and others do not go along by themselves with the notebooks of"
            f" {folder if folder.parts else 'this folder'}: the nearest files do, up to 256, 16 MiB"
            " for one and 64 MiB for all; name what a notebook needs under `files`"
        )
    return sentences


def _by_cause(unread: Mapping[PurePosixPath, str], what: str) -> list[str]:
    causes: dict[str, list[str]] = {}
    for path, why in sorted(unread.items()):
        name = path.as_posix()
        causes.setdefault(why, []).append(name if name.isprintable() else repr(name))
    sentences = []
    for why, paths in causes.items():
        shown = ", ".join(paths[:_NAMED]) + (" and others" if len(paths) > _NAMED else "")
        sentences.append(f"{shown} {what}: {why}")
    return sentences
