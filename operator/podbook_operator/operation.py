"""All parts of the operator, put together once, and their life from the first list to the end."""

import asyncio
import logging
import socket
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, Final

from podbook_crds.checking.checker import Checker
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution
from podbook_kube.client import Client
from podbook_kube.connection import connect
from podbook_operator.cluster import Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.notifications.events import Events
from podbook_operator.notifications.state_log import Journal
from podbook_operator.notifications.webhooks.due import Webhooks
from podbook_operator.pod.manifest import Site
from podbook_operator.process import health
from podbook_operator.process.intake_authority import IntakeAuthority
from podbook_operator.process.metrics import Metrics
from podbook_operator.process.stopping import first_of, listen
from podbook_operator.reconcile.actions import Actions
from podbook_operator.reconcile.gathering import Gathering
from podbook_operator.reconcile.notebook_status import Notebooks
from podbook_operator.reconcile.parameter_verdicts import Verdicts
from podbook_operator.reconcile.pause import Admission
from podbook_operator.reconcile.reconciler import Reconciler
from podbook_operator.reconcile.slots import Slots
from podbook_operator.reconcile.timers import Timers
from podbook_operator.reconcile.turns import Turns
from podbook_operator.reconcile.work_queue import KeyedQueue
from podbook_operator.reconcile.world import World
from podbook_operator.retention.executions import Retention
from podbook_operator.settings import Settings
from podbook_operator.warm.giving import Giving
from podbook_operator.warm.pools import Pools
from podbook_operator.watch import handlers
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import Key, NotebookKey
from podbook_operator.watch.resync import Relist
from podbook_operator.watch.watch_events import Feeds
from podbook_operator.watch.watch_lag import Expectations

log = logging.getLogger(__name__)

_WORKERS: Final = 32
_NOTEBOOK_WORKERS: Final = 4
# One: each sees what the others have made of the pods that there may be in all.
_POOL_WORKERS: Final = 1
_LOOK_SECONDS: Final = 1.0


class Operation:
    """One operator at work."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        *,
        metrics: Metrics,
        health: health.Health,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._health = health
        self._config = ConfigFile(settings.operator_config)
        self._config.refresh()
        self._expectations = Expectations()
        self._cluster = Cluster(client, self._expectations.expect, namespaces=settings.namespaces)
        self._cache = Cache()
        self._slots = Slots(self._config.current.slots)
        self._executions: KeyedQueue[Key] = KeyedQueue()
        self._catalog: KeyedQueue[NotebookKey] = KeyedQueue()
        self._waiting: KeyedQueue[NotebookKey] = KeyedQueue()
        self._waiting_timers: Timers[NotebookKey] = Timers(self._waiting.add, _now)
        self._wire_telling()
        self._wire_reconciling()
        self._wire_watching()
        self._show()

    def _wire_telling(self) -> None:
        """What is told of executions that ended, and when they go."""
        config = self._config
        self._events = Events(self._cluster, now=_now, instance=socket.gethostname())
        self._webhooks = Webhooks(
            self._cluster,
            now=_now,
            config=lambda: config.current.webhooks,
            on_tried=self._metrics.webhook,
            on_settled=self._note_settled,
        )
        self._retention = Retention(
            self._cluster,
            self._cache,
            now=_now,
            sweep_seconds=lambda: config.current.sweep_seconds,
            on_final=self._webhooks.note,
        )

    def _wire_reconciling(self) -> None:
        """What brings one execution, one notebook, one pool of waiting pods a step on."""
        cluster, cache, config = self._cluster, self._cache, self._config
        # Nobody waits for an answer here: whatever waits for a process may do so.
        checker = Checker(patience=None)
        self._authority = IntakeAuthority(self._settings.intake_ca_file)
        site = _site(self._settings, self._authority)
        self._pools = Pools(cluster, cache, site=site, config=config, now=_now)
        giving = Giving(
            cluster,
            cache,
            now=_now,
            started=self._note_start,
            make_room=self._pools.make_room,
        )
        world = World(cluster, cache, config, _now, self._executions.add)
        self._turns = turns = Turns(world, self._slots, Admission())
        self._reconciler = Reconciler(
            world,
            Gathering(world, Verdicts(checker, world.enqueue)),
            Actions(world, turns, site=site, giving=giving),
            turns,
            Journal([self._metrics.note, self._events.note, self._note_final]),
        )
        self._notebooks = Notebooks(
            cluster, cache, checker=checker, now=_now, enqueue=self._catalog.add
        )

    def _wire_watching(self) -> None:
        """What says that there is something to do."""
        self._feeds = Feeds(
            self._cache,
            enqueue=self._executions.add,
            enqueue_notebook=self._catalog.add,
            enqueue_pool=self._waiting.add,
        )
        self._relist = Relist(
            self._cluster,
            self._cache,
            self._feeds,
            resync_seconds=lambda: self._config.current.resync_seconds,
            expectations=self._expectations,
        )

    async def run(self, told: asyncio.Event) -> None:
        """Work until told to stop; raise where it cannot go on."""
        # Nothing is decided before everything was listed once: an absence would mean nothing.
        await self._relist.first()
        self._turns.hold_all()
        self._health.is_ready = True
        log.info("serving namespaces: %s", ", ".join(self._settings.namespaces) or "all")
        is_watching = asyncio.Event()
        await first_of(
            self._executions.run(self._timed_pass, workers=_WORKERS),
            self._catalog.run(self._see_to_notebook, workers=_NOTEBOOK_WORKERS),
            self._waiting.run(self._see_to_pool, workers=_POOL_WORKERS),
            self._webhooks.run(),
            self._relist.run(),
            self._events.run(),
            self._retention.run(),
            self._look_around(),
            _stay_told(told, is_watching),
            handlers.run(
                handlers.registry(
                    self._feeds,
                    self._relist,
                    self._expectations,
                    partial(connect, self._settings.kubeconfig),
                ),
                namespaces=self._settings.namespaces,
                is_watching=is_watching,
            ),
        )

    async def _timed_pass(self, key: Key) -> None:
        start, failed = monotonic(), True
        try:
            await self._reconciler.reconcile(key)
            failed = False
        finally:
            self._metrics.reconciled(monotonic() - start, failed=failed)

    async def _see_to_notebook(self, key: NotebookKey) -> None:
        environments = self._config.current.environments
        await self._notebooks.reconcile(key, environments, self._pools.standing(key))
        self._waiting.add(key)

    async def _see_to_pool(self, key: NotebookKey) -> None:
        before = self._pools.standing(key)
        self._waiting_timers.set(key, await self._pools.reconcile(key))
        if self._pools.standing(key) != before:
            self._catalog.add(key)

    def _note_start(self, key: NotebookKey) -> None:
        self._pools.started(key)
        self._waiting.add(key)

    async def _look_around(self) -> None:
        """See what no event tells: a watch that is behind, an edit of the configuration."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            # Perhaps what is owed is gone again: a list tells before the probe turns red.
            if self._expectations.overdue(self._config.current.stall_seconds / 2):
                self._relist.ask()
            if self._authority.refresh():
                log.info("the intake's authority changed: pods from now on are handed the new one")
                for notebook in self._cache.all_notebooks():
                    self._waiting.add(NotebookKey(notebook.namespace, notebook.name))
            if self._config.refresh():
                log.info("the configuration changed: %s", self._config.current.slots)
                self._slots.limits = self._config.current.slots
                self._turns.grant()
                # Which of them can run may hang on it: the images of their environments.
                for notebook in self._cache.all_notebooks():
                    self._catalog.add(NotebookKey(notebook.namespace, notebook.name))

    def _note_final(self, execution: Execution, before: Phase | None) -> None:
        if execution.status.phase.is_final:
            self._retention.note(execution)
            self._webhooks.note(execution)

    def _note_settled(self, execution: Execution) -> None:
        self._retention.note(execution)

    def _show(self) -> None:
        metrics, slots = self._metrics, self._slots
        metrics.gauge("queue_length", lambda: len(self._executions))
        metrics.gauge("slots_held", lambda: slots.held)
        metrics.gauge("slots_waited_for", lambda: slots.waiting)
        metrics.gauge("warm_pods", lambda: self._pools.idle)
        metrics.gauge("webhooks_owed", self._owed)
        for phase in (Phase.QUEUED, Phase.RUNNING):
            metrics.gauge(f"executions_{phase.lower()}", self._counting(phase))
        self._health.add(self._stalls)

    def _owed(self) -> float:
        return self._webhooks.owed

    def _counting(self, phase: Phase) -> Any:
        return lambda: sum(e.status.phase is phase for e in self._cache.executions())

    def _stalls(self) -> list[str]:
        patience = self._config.current.stall_seconds
        found = [f"the watch of {name} is behind" for name in self._expectations.overdue(patience)]
        for name, queue in (("executions", self._executions), ("notebooks", self._catalog)):
            if queue.oldest_seconds() > patience:
                found.append(f"the queue of {name} stands still")
        return found


async def _stay_told(told: asyncio.Event, is_watching: asyncio.Event) -> None:
    """Return when told to stop. kopf's own way out waits for its watches; nothing needs that."""
    await is_watching.wait()
    listen(told)
    await told.wait()


def _site(settings: Settings, authority: IntakeAuthority) -> Site:
    return Site(
        intake_url=settings.intake_url,
        runner_image=settings.runner_image,
        kernel_image=settings.kernel_image,
        own_home=settings.kernel_home == "pod",
        intake_ca=authority.current,
    )


def _now() -> datetime:
    return datetime.now(UTC)
