"""Runs the kubelet until it is told to stop."""

import asyncio
import contextlib
from typing import Final

from podbook_cluster.kubelet import lock
from podbook_cluster.kubelet.client import ApiClient
from podbook_cluster.kubelet.container.containers import Containers
from podbook_cluster.kubelet.environment import environment
from podbook_cluster.kubelet.node import Node
from podbook_cluster.kubelet.pod.sync import PodSync
from podbook_cluster.kubelet.settings import KubeletSettings

# For the last statuses, once all containers have ended.
_LAST_WORDS_SECONDS: Final = 0.5


async def run_kubelet(settings: KubeletSettings, stop: asyncio.Event) -> None:
    """Run the pods of one node; when told to stop, end all containers and say so.

    DataDirInUse if another kubelet has the data folder.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock_file = settings.data_dir / "kubelet.lock"
    async with lock.held(lock_file):
        inherited = environment.inherited(
            bin_dir=settings.bin_dir, everything=settings.inherit_environment
        )
        inherited = environment.with_letters(inherited)
        containers = Containers(
            settings.data_dir,
            lock=lock_file,
            orphan_grace_seconds=settings.orphan_grace_seconds,
            environment=inherited,
        )
        client = ApiClient(settings.server, token=settings.token)
        sync = PodSync(Node(client, containers, settings, inherited))
        try:
            await containers.open()
            await _until(stop, sync)
            await sync.stop(within_seconds=settings.stop_grace_seconds + _LAST_WORDS_SECONDS)
        finally:
            await containers.close()
            await client.close()


async def _until(stop: asyncio.Event, sync: PodSync) -> None:
    following = asyncio.create_task(sync.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (following, stopping):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
