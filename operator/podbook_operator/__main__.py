"""The operator's way in: build everything once, list everything once, then follow the watches."""

import asyncio
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Final, NoReturn

from podbook_operator.admission import Admission
from podbook_operator.cache import Cache
from podbook_operator.cluster import Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.feeds import Feeds
from podbook_operator.handlers import run as follow_watches
from podbook_operator.journal import Journal
from podbook_operator.keys import Key, NotebookKey
from podbook_operator.notebooks import Notebooks
from podbook_operator.pods import Site
from podbook_operator.reconcile import Reconciler
from podbook_operator.relist import Relist
from podbook_operator.settings import Settings
from podbook_operator.slots import Slots
from podbook_operator.transport import Transport, connect
from podbook_operator.work_queue import KeyedQueue

log = logging.getLogger(__name__)

_WORKERS: Final = 32
_NOTEBOOK_WORKERS: Final = 4
_CONFIG_SECONDS: Final = 1.0


def main() -> None:
    """Run the operator until it is told to stop; exit 1 where it cannot go on."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("kopf").setLevel(logging.WARNING)
    asyncio.run(_operate(Settings()))


async def _operate(settings: Settings) -> None:
    config = ConfigFile(settings.operator_config)
    config.refresh()
    api = await connect(settings.kubeconfig)
    cluster, cache = Cluster(Transport(api)), Cache()
    slots = Slots(config.current.slots)
    executions: KeyedQueue[Key] = KeyedQueue()
    catalog: KeyedQueue[NotebookKey] = KeyedQueue()
    reconciler = Reconciler(
        cluster,
        cache,
        slots=slots,
        admission=Admission(),
        journal=Journal(),
        site=_site(settings),
        config=config,
        now=_now,
        enqueue=executions.add,
    )
    notebooks = Notebooks(cluster, cache, now=_now, enqueue=catalog.add)
    feeds = Feeds(cache, enqueue=executions.add, enqueue_notebook=catalog.add)
    relist = Relist(
        cluster,
        cache,
        feeds,
        namespaces=settings.namespaces,
        resync_seconds=lambda: config.current.resync_seconds,
    )

    # Nothing is decided before everything was listed once: an absence would mean nothing.
    await relist.first()
    reconciler.hold_slots()
    tasks = [
        asyncio.create_task(executions.run(reconciler.reconcile, workers=_WORKERS)),
        asyncio.create_task(catalog.run(notebooks.reconcile, workers=_NOTEBOOK_WORKERS)),
        asyncio.create_task(relist.run()),
        asyncio.create_task(_follow(config, slots, reconciler)),
    ]
    log.info("serving namespaces: %s", ", ".join(settings.namespaces) or "all")
    is_watching = asyncio.Event()
    following = follow_watches(
        feeds, relist, namespaces=settings.namespaces, is_watching=is_watching
    )
    tasks += [
        asyncio.create_task(following),
        asyncio.create_task(_until_told_to_stop(is_watching)),
    ]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    _leave(tasks)


async def _until_told_to_stop(is_watching: asyncio.Event) -> None:
    """Return on SIGTERM or SIGINT. kopf's own way out waits for its watches; nothing needs that."""
    await is_watching.wait()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


def _leave(tasks: list[asyncio.Task[None]]) -> NoReturn:
    """End the process at once: it may be killed at any instruction anyway."""
    errors = [task.exception() for task in tasks if task.done()]
    failed = next((error for error in errors if error is not None), None)
    if failed is not None:
        log.critical("cannot go on", exc_info=failed)
    logging.shutdown()
    os._exit(0 if failed is None else 1)


async def _follow(config: ConfigFile, slots: Slots, reconciler: Reconciler) -> None:
    """Let an edit of the configuration hold without a restart."""
    while True:
        await asyncio.sleep(_CONFIG_SECONDS)
        if config.refresh():
            log.info("the configuration changed: %s", config.current.slots)
            slots.limits = config.current.slots
            reconciler.grant()


def _site(settings: Settings) -> Site:
    return Site(
        intake_url=settings.intake_url,
        runner_image=settings.runner_image,
        kernel_image=settings.kernel_image,
        own_home=settings.kernel_home == "pod",
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
