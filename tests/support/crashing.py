"""The operator's own parts in this process, without watches, made to crash at a chosen write."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unittest.mock import AsyncMock

from podbook_crds.checking.checker import Checker
from podbook_kube.client import Client
from podbook_kube.connection import connect
from podbook_kube.objects import Object
from podbook_operator.cluster import Cluster
from podbook_operator.config import ConfigFile, OperatorConfig
from podbook_operator.notifications.state_log import Journal
from podbook_operator.pod.manifest import Site
from podbook_operator.reconcile.actions import Actions
from podbook_operator.reconcile.gathering import Gathering
from podbook_operator.reconcile.notebook_status import Notebooks
from podbook_operator.reconcile.parameter_verdicts import Verdicts
from podbook_operator.reconcile.pause import Admission
from podbook_operator.reconcile.reconciler import Reconciler
from podbook_operator.reconcile.slots import Slots
from podbook_operator.reconcile.turns import Turns
from podbook_operator.reconcile.world import World
from podbook_operator.warm.giving import Giving
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import Key, NotebookKey
from podbook_operator.watch.resync import Relist
from podbook_operator.watch.watch_events import Feeds
from podbook_operator.watch.watch_lag import Expectations
from rig.embedded import EmbeddedCluster
from rig.operators import CONFIG, executions, pods

IDLE_SECONDS = 0.02
SITE = Site("http://127.0.0.1:9", "runner", "kernel")


class Crashed(BaseException):
    """Stands for kill -9: nothing of the operator catches it."""


class CrashingClient(Client):
    """Crashes right before, or right after, its write of that number (from 1)."""

    writes = 0
    crash_at = 0
    before = True

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Object:
        is_write = method != "GET"
        self.writes += is_write
        is_time = is_write and self.writes == self.crash_at
        if is_time and self.before:
            raise Crashed
        answer = await super().ask(method, path, query=query, body=body, content_type=content_type)
        if is_time:
            raise Crashed
        return answer


async def operate(cluster: EmbeddedCluster, *, crash_at: int = 0, before: bool = True) -> int:
    """Operate until every execution is final and every pod gone; return the number of writes.

    Raises Crashed at the chosen write.
    """
    client = CrashingClient(partial(connect, cluster.kubeconfig), agent="crashing")
    client.crash_at, client.before = crash_at, before
    try:
        await _operate(cluster, Cluster(client, namespaces=["default"]))
    finally:
        await client.close()
    return client.writes


async def _operate(observed: EmbeddedCluster, cluster: Cluster) -> None:
    cache = Cache()
    keys: dict[Key, None] = {}
    catalog: dict[NotebookKey, None] = {}
    config = ConfigFile(None)
    config.current = OperatorConfig.model_validate(CONFIG)
    checker = Checker()
    giving = Giving(
        cluster,
        cache,
        now=_now,
        started=lambda _: None,
        make_room=AsyncMock(return_value=False),
    )
    world = World(cluster, cache, config, _now, lambda key: keys.update({key: None}))
    turns = Turns(world, Slots(config.current.slots), Admission())
    reconciler = Reconciler(
        world,
        Gathering(world, Verdicts(checker, world.enqueue)),
        Actions(world, turns, site=SITE, giving=giving),
        turns,
        Journal(),
    )
    notebooks = Notebooks(
        cluster,
        cache,
        checker=checker,
        now=_now,
        enqueue=lambda key: catalog.update({key: None}),
    )
    feeds = Feeds(
        cache,
        enqueue=lambda key: keys.update({key: None}),
        enqueue_notebook=lambda key: catalog.update({key: None}),
        enqueue_pool=lambda _: None,
    )
    relist = Relist(
        cluster,
        cache,
        feeds,
        resync_seconds=lambda: 60,
        expectations=Expectations(),
    )
    await relist.once()
    turns.hold_all()
    while not _is_done(observed):
        await relist.once()
        while catalog:
            await notebooks.reconcile(catalog.popitem()[0], {})
        while keys:
            await reconciler.reconcile(keys.popitem()[0])
        await asyncio.sleep(IDLE_SECONDS)


def _is_done(cluster: EmbeddedCluster) -> bool:
    final = {"Succeeded", "Failed", "Cancelled"}
    return not pods(cluster) and all(e["status"]["phase"] in final for e in executions(cluster))


def _now() -> datetime:
    return datetime.now(UTC)
