"""Lets one kubelet at a time have a data folder."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from podbook_cluster import file_locks

# A keeper that is about to end its containers for want of a kubelet holds the lock meanwhile.
_PATIENCE_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.05


class DataDirInUse(Exception):
    """Another kubelet holds the data folder."""


@asynccontextmanager
async def held(path: Path, *, patience_seconds: float = _PATIENCE_SECONDS) -> AsyncIterator[None]:
    """Hold a lock file for the body; DataDirInUse if it is not to be had in that time."""
    fd = file_locks.opened(path)
    try:
        for _ in range(int(patience_seconds / _RETRY_SECONDS)):
            if file_locks.taken(fd):
                break
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            raise DataDirInUse(f"{path.parent} is held by another kubelet: stop that one first")
        yield
    finally:
        os.close(fd)
