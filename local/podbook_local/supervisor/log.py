"""The log of a part: kept short, and read for its last words."""

import os
from pathlib import Path
from typing import BinaryIO, Final

_LAST_WORDS_BYTES: Final = 4096
_LAST_WORDS_LINES: Final = 12
# A log that has grown beyond this starts anew; the old one is kept beside it.
_LIMIT: Final = 8 * 1024 * 1024


def open_log(path: Path) -> BinaryIO:
    """Open it to be written on; its folder is made where it is missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def last_words(path: Path, born_at: int) -> str:
    """Return the last lines from a place on; nothing where they cannot be read."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(born_at, size - _LAST_WORDS_BYTES))
            lines = log.read(_LAST_WORDS_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_LAST_WORDS_LINES:])
