"""When a pod is to be deleted, and whether it gets the time to save anything."""

from datetime import datetime, timedelta
from typing import Final

from podbook_operator.pod.state import PodState
from podbook_operator.rules.view import Decision, View

# What a pod gets of which nothing is to be saved; 0 would forget a pod that may still run.
SHORTEST_GRACE_SECONDS: Final = 1
# A kernel is told to end by its runner; one that does not is ended with its pod.
KERNEL_OUTLIVES: Final = timedelta(seconds=3)


def outlived(view: View, *pods: PodState) -> Decision | None:
    """End the kernels whose runner has ended: nobody is left who could save anything of them.

    Also those that are being deleted: they would sit out a grace that was meant for the runner.
    """
    due = [
        (pod, (pod.runner.ended_at or pod.created) + KERNEL_OUTLIVES)
        for pod in pods
        if pod.runner.is_ended and not is_ended_at_once(pod)
    ]
    if not due:
        return None
    return Decision(end_at_once=_now(view, due), look_again_at=_next(view, due))


def deleted_when_due(view: View, due: list[tuple[PodState, datetime]]) -> Decision:
    """Delete each pod at its moment, unless it is being deleted already."""
    open_ = [(pod, moment) for pod, moment in due if pod.deletion_at is None]
    return Decision(delete=_now(view, open_), look_again_at=_next(view, open_))


def expired(view: View) -> Decision:
    """Delete pods whose end is written down when nobody wants their logs any more."""
    retention = timedelta(seconds=view.config.pod_retention_seconds)
    is_final = view.execution.status.phase.is_final
    due = [
        (pod, pod.ended_at + retention)
        for pod in view.pods
        if pod.is_ended and not pod.is_gone and (is_final or view.is_recorded(pod))
    ]
    return deleted_when_due(view, due)


def is_ended_at_once(pod: PodState) -> bool:
    """Tell whether the pod is being deleted as fast as can be."""
    grace = pod.deletion_grace_seconds
    return grace is not None and grace <= SHORTEST_GRACE_SECONDS


def _now(view: View, due: list[tuple[PodState, datetime]]) -> tuple[PodState, ...]:
    return tuple(pod for pod, moment in due if moment <= view.now)


def _next(view: View, due: list[tuple[PodState, datetime]]) -> datetime | None:
    return min((moment for _, moment in due if moment > view.now), default=None)
