"""Carries a decision out: the status first, then the deletions, then the new pod.

Every write is refused if what it was decided on has changed; Conflict says so.
"""

from http import HTTPStatus

from podbook_crds.errors import ClusterUnavailable, Refused
from podbook_crds.resources.execution import ExecutionStatus
from podbook_operator.cluster import PODS
from podbook_operator.pod.manifest import Site, build
from podbook_operator.pod.state import read
from podbook_operator.reconcile.turns import Turns
from podbook_operator.reconcile.world import World
from podbook_operator.rules.deletions import SHORTEST_GRACE_SECONDS
from podbook_operator.rules.refusals import after_refusal, foreign_pod, is_quota
from podbook_operator.rules.view import Decision, View
from podbook_operator.warm.giving import Giving
from podbook_operator.watch.queue_keys import Key


class Actions:
    """Writes to the cluster what was decided."""

    def __init__(self, world: World, turns: Turns, *, site: Site, giving: Giving) -> None:
        self._world = world
        self._turns = turns
        self._site = site
        self._giving = giving

    async def carry_out(self, key: Key, view: View, decision: Decision) -> Decision:
        """Do what was decided; return that, or what the refusal of the pod led to."""
        if decision.status is not None:
            await self._write(key, view, decision.status)
        for pod in decision.delete:
            await self._world.delete(pod)
        for pod in decision.end_at_once:
            await self._world.delete(pod, SHORTEST_GRACE_SECONDS)
        if decision.start is None:
            return decision
        followed = await self._start(key, view, decision.start)
        return decision if followed is None else await self.carry_out(key, view, followed)

    async def _write(self, key: Key, view: View, status: ExecutionStatus) -> None:
        before = view.execution.status
        if status == before:
            return
        await self._world.write(key, view.execution, status)
        if status.attempts != before.attempts:
            self._turns.failed(status.attempts[-1])

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
            self._world.enqueue(key)
            return None
        try:
            made = await self._world.cluster.create(PODS, key.namespace, manifest)
        except Refused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                return await self._adopt(key, view, manifest["metadata"]["name"])
            is_clearing = is_quota(refused) and await self._giving.make_room(key.namespace)
            followed = after_refusal(view, refused, is_clearing=is_clearing)
            if followed is None:
                raise ClusterUnavailable(str(refused)) from refused
            return followed
        self._world.cache.put_pod(read(made))
        self._world.enqueue(key)
        return None

    async def _adopt(self, key: Key, view: View, name: str) -> Decision | None:
        """A pod of that name is there: ours, from before a crash or a lost answer, or another's."""
        found = await self._world.cluster.get(PODS, key.namespace, name)
        if found is None:
            raise ClusterUnavailable(f"pod {name} was there and is gone")
        pod = read(found)
        if pod.owner_uid != key.uid:
            return foreign_pod(view, name)
        self._world.cache.put_pod(pod)
        self._world.enqueue(key)
        return None
