"""Notices the end of the process that started this one."""

import asyncio
import os
import signal
from typing import Final

from podbook_cluster.kubelet.container import processes

_POLL_SECONDS: Final = 0.5


async def gone(parent: int | None = None) -> None:
    """Return when the parent has ended, however it did; it may have ended before it is named."""
    parent = parent or os.getppid()
    # Where the kernel can, it tells at once; elsewhere the parent's number changes.
    processes.die_with_parent(signal.SIGTERM)
    while os.getppid() == parent:
        await asyncio.sleep(_POLL_SECONDS)
