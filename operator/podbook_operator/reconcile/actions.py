"""Carries a decision out: the status first, then the deletions, then the new pod.

Every write is refused if what it was decided on has changed; Conflict says so.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import ClusterUnavailable, Conflict, Refused
from podbook_crds.resources.execution import Attempt, Execution, ExecutionStatus
from podbook_operator.cluster import EXECUTIONS, PODS, Cluster
from podbook_operator.config import ConfigFile
from podbook_operator.pod.manifest import Site, build
from podbook_operator.pod.state import PodState, read
from podbook_operator.reconcile.gathering import Gathering
from podbook_operator.reconcile.pause import Admission
from podbook_operator.rules.attempts import shortened
from podbook_operator.rules.deletions import SHORTEST_GRACE_SECONDS
from podbook_operator.rules.refusals import after_refusal, foreign_pod, is_quota
from podbook_operator.rules.view import Decision, View
from podbook_operator.warm.giving import Giving
from podbook_operator.watch.cache import Cache
from podbook_operator.watch.queue_keys import Key


class Actions:
    """Writes to the cluster; what comes back goes into the cache."""

    def __init__(
        self,
        cluster: Cluster,
        cache: Cache,
        gathering: Gathering,
        *,
        admission: Admission,
        site: Site,
        giving: Giving,
        config: ConfigFile,
        now: Callable[[], datetime],
        enqueue: Callable[[Key], None],
    ) -> None:
        self._cluster = cluster
        self._cache = cache
        self._gathering = gathering
        self._admission = admission
        self._site = site
        self._giving = giving
        self._config = config
        self._now = now
        self._enqueue = enqueue

    async def carry_out(self, key: Key, view: View, decision: Decision) -> Decision:
        """Do what was decided; return that, or what the refusal of the pod led to."""
        if decision.status is not None:
            await self._write(key, view.execution, decision.status)
        for pod in decision.delete:
            await self.delete(pod)
        for pod in decision.end_at_once:
            await self.delete(pod, SHORTEST_GRACE_SECONDS)
        if decision.start is None:
            return decision
        followed = await self._start(key, view, decision.start)
        return decision if followed is None else await self.carry_out(key, view, followed)

    async def delete(self, pod: PodState, grace_seconds: int | None = None) -> None:
        """Delete the pod, with its own grace where none is given."""
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
        if status.attempts != execution.status.attempts:
            self._note_failure(status.attempts[-1])
        self._enqueue(key)

    async def _has_moved_on(self, key: Key, execution: Execution) -> bool:
        """Look before an end is written: the intake, which hears of it first, may have been here.

        A read costs less than a write that is refused.
        """
        live = await self._gathering.refreshed(key)
        return live is None or live.resource_version != execution.resource_version

    def _note_failure(self, attempt: Attempt) -> None:
        if attempt.reason is Reason.INTAKE_UNAVAILABLE:
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
        """Give the attempt a pod that waits, or make one; return what a refusal of that means."""
        manifest = build(
            view.execution,
            view.terms,
            attempt=number,
            site=self._site,
            config=view.config,
        )
        if await self._giving.give(view, manifest) is not None:
            self._enqueue(key)
            return None
        try:
            made = await self._cluster.create(PODS, key.namespace, manifest)
        except Refused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                return await self._adopt(key, view, manifest["metadata"]["name"])
            is_clearing = is_quota(refused) and await self._giving.make_room(key.namespace)
            followed = after_refusal(view, refused, is_clearing=is_clearing)
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
