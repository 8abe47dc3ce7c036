"""Brings one execution one step on: gather, decide, act.

Safe at any time and after any crash: everything is read from the cluster, every write is refused if
what it was decided on has changed.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from podbook_crds.errors import Conflict
from podbook_crds.resources.execution import Execution
from podbook_operator.notifications.state_log import Journal
from podbook_operator.reconcile.actions import Actions
from podbook_operator.reconcile.gathering import Gathering
from podbook_operator.reconcile.timers import Timers
from podbook_operator.reconcile.turns import Turns
from podbook_operator.reconcile.world import World
from podbook_operator.rules.decide import decide
from podbook_operator.rules.view import Decision
from podbook_operator.watch.queue_keys import Key

# The garbage collector takes the pods of an execution that is gone; those that it was told to
# orphan are ours.
_ORPHANED: Final = timedelta(seconds=30)


class Reconciler:
    """Works on one key at a time; the queue sees to it that no key is worked on twice at once."""

    def __init__(
        self,
        world: World,
        gathering: Gathering,
        actions: Actions,
        turns: Turns,
        journal: Journal,
    ) -> None:
        self._world = world
        self._gathering = gathering
        self._actions = actions
        self._turns = turns
        self._journal = journal
        self._timers: Timers[Key] = Timers(world.enqueue, world.now)
        self._orphaned: dict[Key, datetime] = {}

    async def reconcile(self, key: Key) -> None:
        """See to one execution; raises PodbookError where it has to be tried again."""
        execution = await self._world.current(key)
        if execution is None:
            await self._clear(key)
            return
        self._journal.note(execution)
        self._turns.saw(execution)
        try:
            await self._step(key, execution)
        except Conflict:
            await self._world.refreshed(key)
            self._world.enqueue(key)

    async def _step(self, key: Key, execution: Execution) -> None:
        view = await self._gathering.view(key, execution, self._turns.of(key))
        decision = decide(view)
        if decision.rests_on_absence and await self._world.has_pod(execution):
            self._world.enqueue(key)
            return
        if decision.wants_slot and self._turns.request(key, view):
            view = replace(view, holds_slot=True)
            decision = decide(view)
        decision = await self._actions.carry_out(key, view, decision)
        self._turns.after(key, decision)
        self._timers.set(key, decision.look_again_at)
        if execution.status.phase.is_final and not self._has_pods(key):
            self._forget(key)

    async def _clear(self, key: Key) -> None:
        """The execution is gone: its pods go with it, by the garbage collector or by us."""
        if not self._has_pods(key):
            self._forget(key)
            return
        now = self._world.now()
        since = self._orphaned.setdefault(key, now)
        if now >= since + _ORPHANED:
            for pod in self._world.cache.pods(key.uid):
                if not pod.is_gone and pod.deletion_at is None:
                    await self._world.delete(pod)
        self._turns.after(key, Decision())
        self._timers.set(key, now + _ORPHANED)

    def _has_pods(self, key: Key) -> bool:
        return any(not pod.is_gone for pod in self._world.cache.pods(key.uid))

    def _forget(self, key: Key) -> None:
        self._orphaned.pop(key, None)
        self._world.cache.forget(key.uid)
        self._gathering.forget(key)
        self._journal.forget(key)
        self._turns.leave(key)
        self._timers.set(key, None)
