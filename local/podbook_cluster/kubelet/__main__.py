"""Runs the kubelet on its own: `python -m podbook_cluster.kubelet`, told by PODBOOK_KUBELET_*."""

import asyncio
import logging
import signal
import sys

from podbook_cluster.kubelet import parent
from podbook_cluster.kubelet.lock import DataDirInUse
from podbook_cluster.kubelet.run import run_kubelet
from podbook_cluster.kubelet.settings import KubeletSettings, MissingSetting, from_environment


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        asyncio.run(_run(from_environment()))
    except (MissingSetting, DataDirInUse) as error:
        sys.exit(f"kubelet: {error}")


async def _run(settings: KubeletSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    watching = asyncio.create_task(_follow_parent(stop)) if settings.stop_with_parent else None
    await run_kubelet(settings, stop)
    if watching:
        watching.cancel()


async def _follow_parent(stop: asyncio.Event) -> None:
    await parent.gone()
    stop.set()


if __name__ == "__main__":
    main()
