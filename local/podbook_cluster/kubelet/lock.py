"""Lets one kubelet at a time have a data folder."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

# A keeper that is about to end its containers for want of a kubelet holds the lock meanwhile.
_PATIENCE_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.05


class DataDirInUse(Exception):
    """Another kubelet holds the data folder."""


@asynccontextmanager
async def held(path: Path, *, patience_seconds: float = _PATIENCE_SECONDS) -> AsyncIterator[None]:
    """Hold a lock file for the body; DataDirInUse if it is not to be had in that time."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(int(patience_seconds / _RETRY_SECONDS)):
            if _take(fd):
                break
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            raise DataDirInUse(f"{path.parent} is held by another kubelet: stop that one first")
        yield
    finally:
        os.close(fd)


def _take(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
