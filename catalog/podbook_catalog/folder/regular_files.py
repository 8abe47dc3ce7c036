"""Reads files where others write: whatever stands there, reading it comes to an end."""

import errno
import os
import stat
from pathlib import Path


def read_bytes(path: Path, *, limit: int | None = None) -> bytes:
    """Return the content of a regular file; raises OSError for anything else.

    A pipe that took the file's place meanwhile would be waited for, a device would never end.
    Where there is a limit, one that is larger raises OSError (EFBIG).
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if stat.S_ISDIR(about.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", os.fspath(path))
        # Not by its size: a file may grow, and some tell of none (/proc).
        data = file.read() if limit is None else file.read(limit + 1)
    if limit is not None and len(data) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit} bytes", os.fspath(path))
    return data


def read_text(path: Path, *, limit: int) -> str:
    """Return the text of a regular file, without the mark that Windows puts in front.

    Raises OSError, or UnicodeDecodeError where it is no UTF-8.
    """
    return read_bytes(path, limit=limit).decode("utf-8-sig")
