"""How an attempt's pod comes to start: a node, its images, its runner's claim, each in its time."""

from datetime import datetime, timedelta
from typing import Final

from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import ExecutionStatus
from podbook_operator.pod.state import PodState
from podbook_operator.rules import endings
from podbook_operator.rules.attempts import closed, waiting
from podbook_operator.rules.view import Decision, View

# Whether others wait for a slot is seen only by looking.
_LOOK_AGAIN: Final = timedelta(seconds=60)

# What is told of a pod that waits, and taken back once that is over.
_TOLD: Final = {Reason.UNSCHEDULABLE, Reason.IMAGE_UNAVAILABLE}


def without_node(view: View, pod: PodState) -> Decision | None:
    """A pod that has no node yet only queues: how long is between its caller and the cluster."""
    if pod.scheduled_at is not None:
        return None
    seconds = view.terms.queue_timeout_seconds
    # What has run before was in time then: its repeat has as long for itself.
    limit = (pod.created if view.was_claimed else view.created) + timedelta(seconds=seconds)
    if view.now >= limit:
        ending = endings.of_no_node(pod, seconds=seconds)
        return Decision(closed(view, pod, ending), end_at_once=(pod,))
    return _gives_slot_back(view, pod, limit) or _waits_for_node(view, pod, limit)


def slow(view: View, pod: PodState) -> Decision | None:
    """A pod that got its node has startTimeoutSeconds from there until its runner claims."""
    waits = {pod.kernel.reason, pod.runner.reason}
    if view.now < start_limit(view, pod) and not waits & endings.HOPELESS_WAITS:
        return None
    ending = endings.of_slow_start(pod, seconds=view.terms.start_timeout_seconds)
    return Decision(closed(view, pod, ending), end_at_once=(pod,))


def coming(view: View, pod: PodState) -> Decision:
    """It has its time; what keeps it is told at once, and taken back when it no longer does."""
    limit = start_limit(view, pod)
    if lacks := endings.lacking_image(pod):
        return Decision(_told(view, Reason.IMAGE_UNAVAILABLE, lacks), look_again_at=limit)
    # Of an attempt that ended the reason stays until something newer is known.
    if view.execution.status.reason in _TOLD:
        return Decision(waiting(view, Reason.POD_CREATED), look_again_at=limit)
    return Decision(look_again_at=limit)


def start_limit(view: View, pod: PodState) -> datetime:
    """Return when a pod that got its node should have been claimed."""
    since = pod.scheduled_at or pod.created
    return since + timedelta(seconds=view.terms.start_timeout_seconds)


def _gives_slot_back(view: View, pod: PodState, limit: datetime) -> Decision | None:
    """A slot that waits for a node is of no use to it: others, for whom there is one, may go on.

    The pod goes with it: one that got its node after all would run beyond the limits. Never one
    behind a gate: whoever put it there has its own queue, in which it would lose its place.
    """
    if pod.is_gated:
        return None
    due = pod.created + timedelta(seconds=view.config.unscheduled_seconds)
    if view.now >= due and view.others_wait:
        return Decision(closed(view, pod, endings.of_given_back(pod)), end_at_once=(pod,))
    status = _told_no_node(view, pod)
    return Decision(status, look_again_at=max(due, view.now + _LOOK_AGAIN)).no_later_than(limit)


def _waits_for_node(view: View, pod: PodState, limit: datetime) -> Decision:
    return Decision(_told_no_node(view, pod), look_again_at=limit)


def _told_no_node(view: View, pod: PodState) -> ExecutionStatus | None:
    if not (pod.unschedulable or pod.is_gated):
        return None  # The scheduler has not looked at it yet.
    return _told(view, Reason.UNSCHEDULABLE, endings.no_node(pod))


def _told(view: View, reason: Reason, message: str) -> ExecutionStatus | None:
    """Once for each reason: the words change with every node that comes and goes."""
    if view.execution.status.reason is reason:
        return None
    return waiting(view, reason, message)
