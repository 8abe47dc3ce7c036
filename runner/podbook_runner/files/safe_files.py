"""Opens files that the kernel wrote, following no link and reading nothing but regular files."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

DEPTH_LIMIT = 32

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not to block: opening a named pipe would wait for its writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class UnsafeFile(Exception):
    """What stands at a path is no regular file."""


class Beginning(io.BufferedReader):
    """The first bytes of a file that somebody may still be writing to."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        super().__init__(file.detach())
        self._left = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes; none where so many were read, however many have come since."""
        data = super().read(self._left if size is None or size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def open_beneath(root: Path, path: str) -> io.BufferedReader:
    """Open a regular file below root for reading, one name after the other.

    Raises FileNotFoundError, UnsafeFile, and OSError where a link is in the way.
    """
    *folders, name = PurePosixPath(path).parts
    with _walked(root, folders) as folder:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnsafeFile(f"{path} is no regular file")
    return os.fdopen(descriptor, "rb")


def found_files(root: Path, path: str) -> Iterator[tuple[str, str]]:
    """Yield the paths below root of all that stands in a folder there, sorted; folders walked.

    With each goes why it is not to be taken: links, what is no regular file, and folders nested
    deeper than a person would; "" for a regular file.
    """
    if path.count("/") > DEPTH_LIMIT:
        yield path, f"its folder is nested more than {DEPTH_LIMIT} levels deep"
        return
    try:
        with _walked(root, PurePosixPath(path).parts) as folder:
            entries = [(e.name, e.stat(follow_symlinks=False)) for e in os.scandir(folder)]
    except FileNotFoundError:
        return
    except OSError as error:
        yield path, f"its folder cannot be read ({error.strerror})"
        return
    for name, found in sorted(entries):
        if stat.S_ISDIR(found.st_mode):
            yield from found_files(root, f"{path}/{name}")
        else:
            yield f"{path}/{name}", _problem(found.st_mode)


def _problem(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    return "it is a link" if stat.S_ISLNK(mode) else "it is no regular file"


@contextmanager
def _walked(root: Path, folders: list[str] | tuple[str, ...]) -> Iterator[int]:
    descriptor = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    try:
        for name in folders:
            deeper = os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        yield descriptor
    finally:
        os.close(descriptor)
