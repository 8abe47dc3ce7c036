"""What to do about one execution: an ordered tuple of rules, of which the first that speaks holds.

Values in, value out: no client, no clock, no log.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from podbook_crds.ends.reasons import Reason
from podbook_operator.pod.state import PodState
from podbook_operator.rules import endings
from podbook_operator.rules.attempts import (
    cancelled_unclaimed,
    closed,
    finish,
    next_number,
    retry_at,
    waiting,
)
from podbook_operator.rules.beginnings import coming, slow, without_node
from podbook_operator.rules.copies import copied_because
from podbook_operator.rules.deletions import deleted_when_due, expired, is_ended_at_once, outlived
from podbook_operator.rules.view import Decision, View

Rule = Callable[[View], Decision | None]

# A runner whose kernel ended before it claimed reports that at once.
RUNNER_NOTICES: Final = timedelta(seconds=3)
# A pod of a final execution ends by itself: its runner knows.
LATE_POD: Final = timedelta(seconds=10)

_BLOCKED: Final = {
    Reason.NOTEBOOK_NOT_FOUND,
    Reason.QUOTA_EXCEEDED,
    Reason.INTAKE_UNAVAILABLE,
}


def decide(view: View) -> Decision:
    """Return what is to be done now, and when to look again if nothing else happens."""
    decision = next(found for rule in RULES if (found := rule(view)) is not None)
    return decision.beside(expired(view)).beside(strays(view))


def strays(view: View) -> Decision | None:
    """Of two pods of one attempt the one that claimed stays: a lost answer may have made two."""
    attempt = view.open_attempt
    if attempt is None:
        return None
    same = [pod for pod in view.live_pods if pod.attempt == attempt.number]
    others = [pod for pod in same if pod.uid != attempt.pod_uid and pod.deletion_at is None]
    return Decision(end_at_once=tuple(others))


def already_final(view: View) -> Decision | None:
    """A final phase never changes; what still runs of it is ended."""
    if not view.execution.status.phase.is_final:
        return None
    finished_at = view.execution.status.finished_at or view.created
    running = [pod for pod in view.live_pods if not pod.runner.is_ended]
    late = deleted_when_due(view, [(pod, finished_at + LATE_POD) for pod in running])
    return late.beside(outlived(view, *view.live_pods))


def being_deleted(view: View) -> Decision | None:
    """What is being deleted gets nothing more; the garbage collector takes its pods."""
    return Decision() if view.execution.deleted else None


def running(view: View) -> Decision | None:
    """A claimed attempt may be running user code: its pod decides how it goes on."""
    attempt = view.open_attempt
    if attempt is None:
        return None
    pod = next((pod for pod in view.pods if pod.uid == attempt.pod_uid), None)
    is_cancelled = view.execution.spec.cancel
    if pod is None or pod.is_ended or (pod.runner.is_ended and endings.is_decided(pod.result)):
        ending = endings.of_claimed(pod, is_cancelled=is_cancelled)
        return Decision(closed(view, pod, ending), rests_on_absence=pod is None)
    return (
        _lost(view, pod)
        or outlived(view, pod)
        or _terminating(view, pod)
        or _cancelling(view, pod)
        or _bereft(view, pod)
        or Decision()
    )


def starting(view: View) -> Decision | None:
    """An attempt that nobody claimed ran no user code: it may be made again."""
    pod = view.newest_pod
    if pod is None or view.is_recorded(pod):
        return None
    if pod.is_ended:
        if view.execution.spec.cancel:
            return Decision(cancelled_unclaimed(view))
        return Decision(closed(view, pod, endings.of_unclaimed(pod)))
    return (
        _lost(view, pod)
        or outlived(view, pod)
        or _terminating(view, pod)
        or _cancelling(view, pod)
        or without_node(view, pod)
        or _without_kernel(view, pod)
        or slow(view, pod)
        or coming(view, pod)
    )


def restored(view: View) -> Decision | None:
    """What comes out of a backup ran before, or may have: it is not run a second time."""
    why = copied_because(view.execution)
    if not why or view.execution.status.attempts:
        return None
    message = f"it is a copy out of a backup ({why}) and is not run again; submit it anew to run it"
    return Decision(finish(view, Reason.RESTORED, message))


def queued_too_long(view: View) -> Decision | None:
    """Nothing of it ever ran, and the caller no longer waits for it."""
    limit = _queue_limit(view)
    if limit is None or view.now < limit:
        return None
    pods = [pod for pod in view.live_pods if not is_ended_at_once(pod)]
    waited = f"did not start within queueTimeoutSeconds ({view.terms.queue_timeout_seconds} s)"
    return Decision(finish(view, Reason.QUEUE_TIMEOUT, waited), end_at_once=tuple(pods))


def predecessor_lives(view: View) -> Decision | None:
    """Never two kernels: the next attempt waits until nothing of the last can run."""
    if not any(view.live_pods):
        return None
    # Given up by an operator that was stopped before it could say so to the node.
    given_up = [p for p in view.live_pods if view.is_recorded(p) and p.deletion_at is None]
    decision = Decision(end_at_once=tuple(given_up)).beside(outlived(view, *view.live_pods))
    return decision.no_later_than(_queue_limit(view))


def cancelled(view: View) -> Decision | None:
    """Cancelled with nothing running: it ends at once."""
    if not view.execution.spec.cancel:
        return None
    return Decision(cancelled_unclaimed(view))


def notebook_missing(view: View) -> Decision | None:
    """The notebook may yet come: apply in any order."""
    if not view.terms.is_notebook_missing:
        return None
    sentence = f"no notebook '{view.terms.notebook}' in namespace '{view.execution.namespace}' yet"
    return _waits(view, Reason.NOTEBOOK_NOT_FOUND, sentence)


def being_judged(view: View) -> Decision | None:
    """Whether its parameters fit takes a process to find out, which wakes it."""
    if not view.terms.is_unjudged:
        return None
    return Decision(look_again_at=_queue_limit(view))


def never_startable(view: View) -> Decision | None:
    """What cannot succeed ends before it costs a pod."""
    problem = view.terms.problem
    return Decision(finish(view, problem.reason, problem.message)) if problem else None


def backing_off(view: View) -> Decision | None:
    """Between two attempts lies a pause that doubles."""
    moment = retry_at(view)
    if moment is None or view.now >= moment:
        return None
    return Decision(look_again_at=moment).no_later_than(_queue_limit(view))


def admission_paused(view: View) -> Decision | None:
    """Pods that cannot reach the intake are not worth making."""
    if view.paused_until is None:
        return None
    sentence = "the last pods could not reach the intake; no new ones for a while"
    waits = _waits(view, Reason.INTAKE_UNAVAILABLE, sentence)
    return waits.no_later_than(view.paused_until)


def waiting_for_slot(view: View) -> Decision | None:
    """No pod exists before a slot is free. Nothing is written: Queued says it."""
    if view.holds_slot:
        return None
    limit = _queue_limit(view)
    if view.execution.status.reason in _BLOCKED:
        return Decision(
            waiting(view, Reason.WAITING_FOR_SLOT), wants_slot=True, look_again_at=limit
        )
    return Decision(wants_slot=True, look_again_at=limit)


def startable(view: View) -> Decision:
    """Everything is there: the pod is made."""
    return Decision(start=next_number(view))


RULES: Final[tuple[Rule, ...]] = (
    already_final,
    being_deleted,
    running,
    starting,
    restored,
    queued_too_long,
    predecessor_lives,
    cancelled,
    notebook_missing,
    being_judged,
    never_startable,
    backing_off,
    admission_paused,
    waiting_for_slot,
    startable,
)


def _lost(view: View, pod: PodState) -> Decision | None:
    if not view.is_lost_with_its_node(pod):
        return None
    if view.open_attempt is None and view.execution.spec.cancel:
        # A node does not leave off pulling an image; what was never claimed runs no cell any more.
        return Decision(cancelled_unclaimed(view))
    return Decision(closed(view, pod, endings.of_lost_node(pod, result=pod.result)))


def _terminating(view: View, pod: PodState) -> Decision | None:
    if pod.deletion_at is None:
        return None
    patience = timedelta(seconds=view.config.node_lost_timeout_seconds)
    return Decision(look_again_at=pod.deletion_at + patience)


def _cancelling(view: View, pod: PodState) -> Decision | None:
    if not view.execution.spec.cancel:
        return None
    status = None
    if view.execution.status.reason is not Reason.CANCELLING:
        status = waiting(view, Reason.CANCELLING, "the run is being saved and ended")
    if view.open_attempt is None:
        return Decision(status, end_at_once=(pod,))
    return Decision(status, delete=(pod,))


def _without_kernel(view: View, pod: PodState) -> Decision | None:
    """A kernel that ended before the claim: whatever its runner waits for will not come."""
    if not pod.kernel.is_ended:
        return None
    moment = (pod.kernel.ended_at or pod.created) + RUNNER_NOTICES
    if view.now < moment:
        return Decision(look_again_at=moment)
    return Decision(closed(view, pod, endings.of_unclaimed(pod)), end_at_once=(pod,))


def _bereft(view: View, pod: PodState) -> Decision | None:
    """A runner whose kernel ended saves and uploads; one that does not finish is told to end."""
    if not pod.kernel.is_ended:
        return None
    patience = timedelta(seconds=view.config.upload_seconds)
    return deleted_when_due(view, [(pod, (pod.kernel.ended_at or pod.created) + patience)])


def _waits(view: View, reason: Reason, message: str) -> Decision:
    limit = _queue_limit(view)
    if view.execution.status.reason is reason:
        return Decision(look_again_at=limit)
    return Decision(waiting(view, reason, message), look_again_at=limit)


def _queue_limit(view: View) -> datetime | None:
    """When waiting ends it; None once user code may have run: it was started in time then."""
    if view.was_claimed:
        return None
    return view.created + timedelta(seconds=view.terms.queue_timeout_seconds)
