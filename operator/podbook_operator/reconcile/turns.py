"""Whose turn it is: slots are told of each pass, and whether pods can reach the intake."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Attempt, Execution
from podbook_operator.pod.state import PodState
from podbook_operator.reconcile.pause import Admission
from podbook_operator.reconcile.slots import Group, Slots
from podbook_operator.reconcile.world import World
from podbook_operator.rules.view import Decision, View
from podbook_operator.watch.cache import key_of_pod
from podbook_operator.watch.queue_keys import Key


@dataclass(frozen=True, slots=True)
class Turn:
    """What an execution may do now, as far as others leave it to it."""

    holds_slot: bool = False
    others_wait: bool = False
    paused_until: datetime | None = None


class Turns:
    """Gives slots away, and sees to it that who got one is seen to."""

    def __init__(self, world: World, slots: Slots, admission: Admission) -> None:
        self._world = world
        self._slots = slots
        self._admission = admission

    def of(self, key: Key) -> Turn:
        """Return what holds for the execution now."""
        paused_until = self._admission.paused_until(self._world.now())
        return Turn(self._slots.holds(key), self._slots.waiting > 0, paused_until)

    def hold_all(self) -> None:
        """Count every kernel that runs; to be called before anything is reconciled."""
        for pod in self._world.cache.all_pods():
            if not pod.is_idle:
                self._hold(pod)

    def request(self, key: Key, view: View) -> bool:
        """Ask for a slot; tell whether it was given at once."""
        group = Group(key.namespace, view.terms.notebook)
        created, own_limit = view.execution.created, view.terms.max_concurrent
        self._slots.request(key, group, created=created, own_limit=own_limit)
        granted = self._slots.grant()
        for other in granted:
            if other != key:
                self._world.enqueue(other)
        return key in granted

    def after(self, key: Key, decision: Decision) -> None:
        """Keep the slot while a kernel may run or is about to; else give it to the next."""
        running = [pod for pod in self._world.cache.pods(key.uid) if self._occupies(pod)]
        is_starting = decision.start is not None or decision.wants_slot
        if running:
            self._hold(running[0])
        elif not is_starting:
            self.leave(key)

    def leave(self, key: Key) -> None:
        """The execution wants no slot any more."""
        self._slots.release(key)
        self.grant()

    def grant(self) -> None:
        """Give free slots away, and see to those who got one."""
        for key in self._slots.grant():
            self._world.enqueue(key)

    def saw(self, execution: Execution) -> None:
        """Note when the intake last gave a job."""
        for attempt in execution.status.attempts[-1:]:
            if attempt.claimed_at is not None:
                self._admission.was_claimed(attempt.claimed_at)

    def failed(self, attempt: Attempt) -> None:
        """Note an attempt that could not reach the intake."""
        if attempt.reason is Reason.INTAKE_UNAVAILABLE:
            pause = self._world.config.current.pause_seconds
            self._admission.could_not_reach_intake(self._world.now(), pause_seconds=pause)

    def _hold(self, pod: PodState) -> None:
        if self._occupies(pod):
            self._slots.hold(key_of_pod(pod), Group(pod.namespace, pod.notebook))

    def _occupies(self, pod: PodState) -> bool:
        """Tell whether the pod's kernel may run: not where its node is lost beyond patience."""
        patience = timedelta(seconds=self._world.config.current.node_lost_timeout_seconds)
        is_lost = pod.deletion_at is not None and self._world.now() >= pod.deletion_at + patience
        return not pod.is_kernel_ended and not is_lost
