"""Brings one execution one step on: gather, decide, act.

Safe at any time and after any crash: everything is read from the cluster, every write is refused if
what it was decided on has changed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from podbook_crds.checking.checker import Checker
from podbook_crds.errors import Conflict
from podbook_crds.resources.execution import Execution
from podbook_operator.cluster import Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.notifications.state_log import Journal
from podbook_operator.pod.manifest import Site
from podbook_operator.pod.state import PodState
from podbook_operator.reconcile.actions import Actions
from podbook_operator.reconcile.gathering import Gathering
from podbook_operator.reconcile.parameter_verdicts import Verdicts
from podbook_operator.reconcile.pause import Admission
from podbook_operator.reconcile.slots import Group, Slots
from podbook_operator.reconcile.timers import Timers
from podbook_operator.rules.decide import decide
from podbook_operator.rules.view import View
from podbook_operator.warm.giving import Giving
from podbook_operator.watch.cache import Cache, key_of_pod
from podbook_operator.watch.queue_keys import Key

# The garbage collector takes the pods of an execution that is gone; those that it was told to
# orphan are ours.
_ORPHANED: Final = timedelta(seconds=30)


class Reconciler:
    """Works on one key at a time; the queue sees to it that no key is worked on twice at once."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        *,
        slots: Slots,
        admission: Admission,
        journal: Journal,
        site: Site,
        giving: Giving,
        config: ConfigFile,
        checker: Checker,
        now: Callable[[], datetime],
        enqueue: Callable[[Key], None],
    ) -> None:
        self._cache = cache
        self._slots = slots
        self._admission = admission
        self._journal = journal
        self._config = config
        self._now = now
        self._enqueue = enqueue
        self._gathering = Gathering(
            cluster, cache, config=config, verdicts=Verdicts(checker, enqueue), now=now
        )
        self._actions = Actions(
            cluster,
            cache,
            self._gathering,
            admission=admission,
            site=site,
            giving=giving,
            config=config,
            now=now,
            enqueue=enqueue,
        )
        self._timers: Timers[Key] = Timers(enqueue, now)
        self._orphaned: dict[Key, datetime] = {}

    async def reconcile(self, key: Key) -> None:
        """See to one execution; raises PodbookError where it has to be tried again."""
        execution = await self._gathering.current(key)
        if execution is None:
            await self._clear(key)
            return
        self._journal.note(execution)
        for attempt in execution.status.attempts[-1:]:
            if attempt.claimed_at is not None:
                self._admission.was_claimed(attempt.claimed_at)
        try:
            await self._step(key, execution)
        except Conflict:
            await self._gathering.refreshed(key)
            self._enqueue(key)

    def hold_slots(self) -> None:
        """Count every kernel that runs; to be called before anything is reconciled."""
        for pod in self._cache.all_pods():
            if not pod.is_idle:
                self._hold(pod)

    def grant(self) -> None:
        """Give free slots away, and see to those who got one."""
        for key in self._slots.grant():
            self._enqueue(key)

    async def _step(self, key: Key, execution: Execution) -> None:
        view = await self._gathering.view(
            key,
            execution,
            holds_slot=self._slots.holds(key),
            others_wait=self._slots.waiting > 0,
            paused_until=self._admission.paused_until(self._now()),
        )
        decision = decide(view)
        if decision.rests_on_absence and await self._gathering.has_pod(execution):
            self._enqueue(key)
            return
        if decision.wants_slot and self._request(key, view):
            view = replace(view, holds_slot=True)
            decision = decide(view)
        decision = await self._actions.carry_out(key, view, decision)
        self._settle(key, is_starting=decision.start is not None or decision.wants_slot)
        self._timers.set(key, decision.look_again_at)
        if execution.status.phase.is_final and not self._has_pods(key):
            self._forget(key)

    def _request(self, key: Key, view: View) -> bool:
        """Ask for a slot; tell whether it was given at once."""
        group = Group(key.namespace, view.terms.notebook)
        created, own_limit = view.execution.created, view.terms.max_concurrent
        self._slots.request(key, group, created=created, own_limit=own_limit)
        granted = self._slots.grant()
        for other in granted:
            if other != key:
                self._enqueue(other)
        return key in granted

    def _settle(self, key: Key, *, is_starting: bool) -> None:
        """Keep the slot while a kernel may run or is about to; else give it to the next."""
        running = [pod for pod in self._cache.pods(key.uid) if self._occupies(pod)]
        if running:
            self._hold(running[0])
        elif not is_starting:
            self._slots.release(key)
            self.grant()

    def _hold(self, pod: PodState) -> None:
        if self._occupies(pod):
            self._slots.hold(key_of_pod(pod), Group(pod.namespace, pod.notebook))

    def _occupies(self, pod: PodState) -> bool:
        """Tell whether the pod's kernel may run: not where its node is lost beyond patience."""
        patience = timedelta(seconds=self._config.current.node_lost_timeout_seconds)
        is_lost = pod.deletion_at is not None and self._now() >= pod.deletion_at + patience
        return not pod.is_kernel_ended and not is_lost

    async def _clear(self, key: Key) -> None:
        """The execution is gone: its pods go with it, by the garbage collector or by us."""
        if not self._has_pods(key):
            self._forget(key)
            return
        now = self._now()
        since = self._orphaned.setdefault(key, now)
        if now >= since + _ORPHANED:
            for pod in self._cache.pods(key.uid):
                if not pod.is_gone and pod.deletion_at is None:
                    await self._actions.delete(pod)
        self._settle(key, is_starting=False)
        self._timers.set(key, now + _ORPHANED)

    def _has_pods(self, key: Key) -> bool:
        return any(not pod.is_gone for pod in self._cache.pods(key.uid))

    def _forget(self, key: Key) -> None:
        self._orphaned.pop(key, None)
        self._cache.forget(key.uid)
        self._gathering.forget(key)
        self._journal.forget(key)
        self._slots.release(key)
        self.grant()
        self._timers.set(key, None)
