"""Brings one execution one step on: gather, decide, act.

Safe at any time and after any crash: everything is read from the cluster, every write is refused if
what it was decided on has changed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Conflict, Refused
from podbook_crds.execution import Execution, ExecutionStatus
from podbook_crds.notebook import Notebook
from podbook_crds.phases import Phase
from podbook_crds.reasons import Reason
from podbook_operator.admission import Admission
from podbook_operator.attempts import shortened
from podbook_operator.cache import Cache, key_of_pod
from podbook_operator.cluster import EXECUTIONS, NOTEBOOKS, PODS, Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.decide import decide
from podbook_operator.deletions import SHORTEST_GRACE_SECONDS
from podbook_operator.journal import Journal
from podbook_operator.keys import Key
from podbook_operator.pod_state import PodState, read
from podbook_operator.pods import Site, build
from podbook_operator.refusals import after_refusal, foreign_pod
from podbook_operator.slots import Group, Slots
from podbook_operator.terms import Terms, terms
from podbook_operator.timers import Timers
from podbook_operator.view import Decision, View

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
        config: ConfigFile,
        now: Callable[[], datetime],
        enqueue: Callable[[Key], None],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._slots = slots
        self._admission = admission
        self._journal = journal
        self._site = site
        self._config = config
        self._now = now
        self._enqueue = enqueue
        self._timers: Timers[Key] = Timers(enqueue, now)
        self._orphaned: dict[Key, datetime] = {}

    async def reconcile(self, key: Key) -> None:
        """See to one execution; raises PodbookError where it has to be tried again."""
        execution = await self._current(key)
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
            await self._refresh(key)
            self._enqueue(key)

    def hold_slots(self) -> None:
        """Count every kernel that runs; to be called before anything is reconciled."""
        for pod in self._cache.all_pods():
            self._hold(pod)

    def grant(self) -> None:
        """Give free slots away, and see to those who got one."""
        for key in self._slots.grant():
            self._enqueue(key)

    async def _step(self, key: Key, execution: Execution) -> None:
        view = await self._view(key, execution)
        decision = decide(view)
        if decision.rests_on_absence and await self._is_there(execution):
            self._enqueue(key)
            return
        if decision.wants_slot and self._request(key, view):
            view = replace(view, holds_slot=True)
            decision = decide(view)
        decision = await self._act(key, view, decision)
        self._settle(key, is_starting=decision.start is not None or decision.wants_slot)
        self._timers.set(key, decision.look_again_at)
        if execution.status.phase.is_final and not self._has_pods(key):
            self._forget(key)

    async def _current(self, key: Key) -> Execution | None:
        """Return the execution. Absent from the cache means final or gone: a read tells which."""
        known = self._cache.execution(key.uid)
        return known if known is not None else await self._refresh(key)

    async def _refresh(self, key: Key) -> Execution | None:
        found = await self._cluster.get(EXECUTIONS, key.namespace, key.name)
        if found is None or found["metadata"]["uid"] != key.uid:
            self._cache.forget_execution(key.uid)
            return None
        execution = Execution.from_resource(found)
        self._cache.put_execution(execution)
        return execution

    async def _view(self, key: Key, execution: Execution) -> View:
        now = self._now()
        owned = [pod for pod in self._cache.pods(key.uid) if pod.owner_uid == key.uid]
        return View(
            execution,
            await self._terms(execution),
            tuple(owned),
            now,
            self._config.current,
            holds_slot=self._slots.holds(key),
            paused_until=self._admission.paused_until(now),
        )

    async def _terms(self, execution: Execution) -> Terms:
        namespace, name = execution.namespace, execution.spec.notebook.name
        kernels = self._config.current.kernels
        found = terms(execution, self._cache.notebook(namespace, name), kernels)
        if name is None or execution.status.phase is not Phase.QUEUED:
            return found
        if found.needs_fresh_notebook:
            live = await self._cluster.get(NOTEBOOKS, namespace, name)
            notebook = None if live is None else Notebook.from_resource(live)
            return terms(execution, notebook, kernels)
        return found

    async def _is_there(self, execution: Execution) -> bool:
        """Look for the pod of the open attempt: the cache may lack what is there."""
        number = execution.status.attempts[-1].number
        name = names.pod_name(execution.uid, number)
        found = await self._cluster.get(PODS, execution.namespace, name)
        return found is not None and self._cache.put_pod(read(found))

    async def _act(self, key: Key, view: View, decision: Decision) -> Decision:
        """Do what was decided; return that, or what the refusal of the pod led to."""
        if decision.status is not None:
            await self._write(key, view.execution, decision.status)
        for pod in decision.delete:
            await self._delete(pod)
        for pod in decision.end_at_once:
            await self._delete(pod, SHORTEST_GRACE_SECONDS)
        if decision.start is None:
            return decision
        followed = await self._start(key, view, decision.start)
        return decision if followed is None else await self._act(key, view, followed)

    async def _delete(self, pod: PodState, grace_seconds: int | None = None) -> None:
        where = (PODS, pod.namespace, pod.name)
        await self._cluster.delete(*where, uid=pod.uid, grace_seconds=grace_seconds)
        if grace_seconds is None:  # The pod's own, which it has from here.
            grace_seconds = self._config.current.termination_grace_seconds
        self._cache.pod_is_deleted(pod, now=self._now(), grace_seconds=grace_seconds)

    async def _write(self, key: Key, execution: Execution, status: ExecutionStatus) -> None:
        if status == execution.status:
            return
        if status.phase.is_final and await self._has_moved_on(key, execution):
            raise Conflict(f"{key} changed since version {execution.resource_version}")
        try:
            written = await self._write_status(execution, status)
        except Refused as error:
            written = await self._write_status(execution, shortened(status, str(error)))
        self._cache.put_execution(Execution.from_resource(written))
        self._note_failure(status)
        self._enqueue(key)

    async def _has_moved_on(self, key: Key, execution: Execution) -> bool:
        """Look before an end is written: the intake, which hears of it first, may have been here.

        A read costs less than a write that is refused.
        """
        live = await self._refresh(key)
        return live is None or live.resource_version != execution.resource_version

    def _note_failure(self, status: ExecutionStatus) -> None:
        last = status.attempts[-1] if status.attempts else None
        if last is not None and last.reason is Reason.INTAKE_UNAVAILABLE:
            pause = self._config.current.pause_seconds
            self._admission.could_not_reach_intake(self._now(), pause_seconds=pause)

    async def _write_status(
        self, execution: Execution, status: ExecutionStatus
    ) -> dict[str, object]:
        return await self._cluster.write_status(
            EXECUTIONS,
            execution.namespace,
            execution.name,
            version=execution.resource_version,
            status=status.to_wire(),
        )

    async def _start(self, key: Key, view: View, number: int) -> Decision | None:
        """Make the pod; return what is to be done where that was refused."""
        manifest = build(
            view.execution,
            view.terms,
            attempt=number,
            site=self._site,
            config=view.config,
        )
        try:
            made = await self._cluster.create(PODS, key.namespace, manifest)
        except Refused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                return await self._adopt(key, view, manifest["metadata"]["name"])
            followed = after_refusal(view, refused)
            if followed is None:
                raise ClusterUnavailable(str(refused)) from refused
            return followed
        self._cache.put_pod(read(made))
        self._enqueue(key)
        return None

    async def _adopt(self, key: Key, view: View, name: str) -> Decision | None:
        """A pod of that name is there: ours, from before a crash or a lost answer, or another's."""
        found = await self._cluster.get(PODS, key.namespace, name)
        if found is None:
            raise ClusterUnavailable(f"pod {name} was there and is gone")
        pod = read(found)
        if pod.owner_uid != key.uid:
            return foreign_pod(view, name)
        self._cache.put_pod(pod)
        self._enqueue(key)
        return None

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
                    await self._delete(pod)
        self._settle(key, is_starting=False)
        self._timers.set(key, now + _ORPHANED)

    def _has_pods(self, key: Key) -> bool:
        return any(not pod.is_gone for pod in self._cache.pods(key.uid))

    def _forget(self, key: Key) -> None:
        self._orphaned.pop(key, None)
        self._cache.forget(key.uid)
        self._journal.forget(key)
        self._slots.release(key)
        self.grant()
        self._timers.set(key, None)
