"""Locks of files: the kernel's own, so that one is gone with its process, however that ends."""

import fcntl
import os
from pathlib import Path


def opened(path: Path) -> int:
    """Open the file of a lock; no program that is started inherits it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def taken(file: int, *, shared: bool = False) -> bool:
    """Take the lock, without waiting, and tell whether it could be had.

    One that is shared goes beside others that are, and keeps out who wants it alone.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def give_back(file: int) -> None:
    """Let another have the lock; the file stays open."""
    fcntl.flock(file, fcntl.LOCK_UN)
