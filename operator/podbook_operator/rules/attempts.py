"""The statuses that the operator writes: an attempt's end, a wait, the end of the execution."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from podbook_crds import names
from podbook_crds.backoff import pause
from podbook_crds.ends.finish import finished
from podbook_crds.ends.reasons import EXPLANATIONS, Reason
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import Attempt, ExecutionStatus, kept_attempts
from podbook_operator.pod.state import PodState
from podbook_operator.rules.endings import REFUSED_BY_NODE, Ending
from podbook_operator.rules.view import View

# An intake that is down and a cluster that is full are no failed start: the queue timeout bounds
# those.
_UNCOUNTED: Final = {Reason.INTAKE_UNAVAILABLE, Reason.UNSCHEDULABLE}
# Pods that a node may refuse before one more counts: a node whose labels change, or that another
# pod filled first, is no failed start either; a node that refuses every pod is.
_REFUSALS: Final = 5


def closed(view: View, pod: PodState | None, ending: Ending) -> ExecutionStatus:
    """Return the status after an attempt's end: final, or with the end recorded and a repeat due.

    The record is what makes a repeat safe: it is written on the resourceVersion that was decided
    on, so an attempt that was claimed meanwhile is not taken for one that was not.
    """
    ending = _explained(ending)
    if pod is not None and pod.warm and view.open_attempt is None:
        # What had waited too long, or wrong, says nothing about a pod that is made for it.
        ending = replace(ending, is_repeatable=True)
    attempts = _with_end(view, pod, ending)
    if not _is_repeated(view, attempts, ending):
        status = view.execution.status.model_copy(update={"attempts": attempts})
        execution = view.execution.model_copy(update={"status": status})
        return finished(
            execution,
            reason=_final(ending.reason),
            message=ending.message,
            now=view.now,
            result=ending.result,
        )
    again = f"attempt {attempts[-1].number}: {ending.message}; it is tried again"
    return waiting(view, ending.reason, again).model_copy(update={"attempts": attempts})


def finish(
    view: View, reason: Reason, message: str = "", *, result: RunResult | None = None
) -> ExecutionStatus:
    """Return the final status of an execution of which no attempt is open."""
    return finished(view.execution, reason=reason, message=message, now=view.now, result=result)


def cancelled_unclaimed(view: View) -> ExecutionStatus:
    """Return the end of what was cancelled while no cell ran; an earlier attempt may have."""
    said = "cancelled before it ran again" if view.was_claimed else "cancelled before it ran"
    return finish(view, Reason.CANCELLED, said)


def waiting(view: View, reason: Reason, message: str = "") -> ExecutionStatus:
    """Return the status with another reason in the same phase; a phase never goes back."""
    return view.execution.status.model_copy(
        update={
            "reason": reason,
            "message": message[: names.MESSAGE_LIMIT],
            "observed_generation": view.execution.generation,
        }
    )


def shortened(status: ExecutionStatus, refusal: str) -> ExecutionStatus:
    """Return the status without what the API server may have refused: it has to end somehow."""
    exception = status.exception and status.exception.model_copy(update={"traceback": ""})
    message = f"{status.message} (the cluster refused the whole of it: {refusal})"
    return status.model_copy(
        update={
            "output": None,
            "has_output": None,
            "exception": exception,
            "conditions": [c.model_copy(update={"message": ""}) for c in status.conditions],
            "message": message[: names.MESSAGE_LIMIT],
        }
    )


def next_number(view: View) -> int:
    """Return the number of the next attempt: no number is used for two pods that were recorded."""
    recorded = [attempt.number for attempt in view.execution.status.attempts]
    return max([0, *recorded, *(pod.attempt for pod in view.pods)]) + 1


def retry_at(view: View) -> datetime | None:
    """Return when the next attempt may start, None where none has ended."""
    attempts = view.execution.status.attempts
    if not attempts or attempts[-1].finished_at is None or was_idle(attempts[-1]):
        return None
    config = view.config
    first, longest = config.retry_backoff_seconds, config.retry_backoff_limit_seconds
    seconds = pause(len(attempts), first=first, longest=longest)
    return attempts[-1].finished_at + timedelta(seconds=seconds)


def _explained(ending: Ending) -> Ending:
    """Where nobody said anything, the reason's own sentence is better than none."""
    if ending.message or ending.reason is Reason.NOTEBOOK_COMPLETED:
        return ending
    return replace(ending, message=EXPLANATIONS[ending.reason].sentence)


def _is_repeated(view: View, attempts: list[Attempt], ending: Ending) -> bool:
    if not ending.is_repeatable or view.execution.spec.cancel:
        return False
    if view.open_attempt is not None and not view.terms.idempotent:
        return False
    counted = [a for a in attempts if a.reason not in _UNCOUNTED and not was_idle(a)]
    refused = sum(attempt.message.startswith(REFUSED_BY_NODE) for attempt in counted)
    return len(counted) - min(refused, _REFUSALS) <= view.terms.retry_limit


def was_idle(attempt: Attempt) -> bool:
    """Tell whether the attempt's pod was a warm one that ended before it was claimed."""
    return bool(attempt.warm) and attempt.claimed_at is None


def _with_end(view: View, pod: PodState | None, ending: Ending) -> list[Attempt]:
    attempts = view.execution.status.attempts
    result = ending.result
    end = {
        "reason": ending.reason,
        "message": ending.message[: names.MESSAGE_LIMIT],
        "finished_at": (result and result.finished_at) or view.now,
    }
    if view.open_attempt is not None:
        end["started_at"] = (result and result.started_at) or attempts[-1].started_at
        return [*attempts[:-1], attempts[-1].model_copy(update=end)]
    if pod is None:
        return attempts
    entry = Attempt(
        number=max(pod.attempt, 1),
        pod=pod.name,
        pod_uid=pod.uid,
        warm=True if pod.warm else None,
        created_at=pod.created,
    )
    return kept_attempts([*attempts, entry.model_copy(update=end)])


def _final(reason: Reason) -> Reason:
    """An end needs a final reason: that the intake is away is one of waiting."""
    return Reason.START_FAILED if reason is Reason.INTAKE_UNAVAILABLE else reason
