"""Containers of the keeper, for tests: how to start one and what became of it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from podbook_cluster.kubelet.container import processes
from podbook_cluster.kubelet.container.containers import Container
from podbook_cluster.kubelet.container.records import Ended

GRACE_SECONDS = 0.3

Starter = Callable[..., Coroutine[Any, Any, Container]]


async def end_of(container: Container) -> Ended:
    ended = await asyncio.wait_for(asyncio.shield(container.ended), 120)
    assert ended is not None
    return ended


def is_alive(pid: int) -> bool:
    return processes.is_running(pid, None)


def keeper_of(pid: int) -> int:
    """Return the parent of a container's parent."""
    return _parent_of(_parent_of(pid))


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
