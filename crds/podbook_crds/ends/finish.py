"""The end of an execution: the one pure function that the intake and the operator share.

Whoever learns of the end first writes it; both come to the same status because both ask here.
"""

import sys
from datetime import datetime
from typing import Any, Final

from podbook_crds import names
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Violation
from podbook_crds.protocol.result import LostArtifacts, RunResult
from podbook_crds.resources.execution import Attempt, Execution, ExecutionStatus, kept_attempts
from podbook_crds.resources.notebook import Condition
from podbook_crds.resources.warning import Kind, RunWarning, bounded, of_call, warn

FINISHED: Final = "Finished"
COMPLETE: Final = "Complete"
FAILED: Final = "Failed"
ARTIFACTS_LOST: Final = "ArtifactsLost"
OUTPUT_VALID: Final = "OutputValid"
# Reasons of ArtifactsLost; the first also where nothing more is known than that they are not there.
UPLOAD_TIMEOUT: Final = "UploadTimeout"
STORE_LOST: Final = "StoreLost"

# Nothing went wrong: nobody wanted it to run, or to run on.
_NOT_WANTED: Final = frozenset({Reason.CANCELLED, Reason.RESTORED})

# What the result alone decides, whatever became of the pod: the intake may write these at once.
# Everything else is the operator's, who also sees why a container or a pod ended.
DECIDED_BY_RESULT: Final = frozenset(
    {
        Reason.NOTEBOOK_COMPLETED,
        Reason.NOTEBOOK_RAISED,
        Reason.OUTPUT_INVALID,
        Reason.OUTPUT_MISSING,
        Reason.INVALID_NOTEBOOK,
        Reason.INVALID_PARAMETERS,
        Reason.NOTEBOOK_CHANGED,
        Reason.DEADLINE_EXCEEDED,
    }
)


def finished(
    execution: Execution,
    *,
    reason: Reason,
    message: str = "",
    now: datetime,
    result: RunResult | None = None,
) -> ExecutionStatus:
    """Return the final status: the reason's, with everything that the result brought along.

    now is used where no runner gave a time: started and finished come from one clock.
    """
    status = execution.status
    finished_at = (result and result.finished_at) or now
    update: dict[str, object] = {
        "phase": _phase(reason),
        "reason": reason,
        "message": message[: names.MESSAGE_LIMIT],
        "observed_generation": execution.generation,
        "finished_at": finished_at,
        "attempts": _last_attempt_ended(status.attempts, reason, result, finished_at),
        "conditions": _conditions(execution, reason, message, finished_at, result),
    }
    if result is not None:
        update |= _from_result(result, status)
    if early := of_call(execution.annotations):
        told = [] if result is None else _warnings(result)
        update["warnings"] = bounded([*early, *told])
    return status.model_copy(update=update)


def _phase(reason: Reason) -> Phase:
    if reason is Reason.NOTEBOOK_COMPLETED:
        return Phase.SUCCEEDED
    return Phase.CANCELLED if reason in _NOT_WANTED else Phase.FAILED


def _from_result(result: RunResult, status: ExecutionStatus) -> dict[str, object]:
    return {
        **_output(result),
        "has_output": result.has_output or None,
        "violations": _listed(result.violations),
        "warnings": _warnings(result),
        "artifacts": result.artifacts,
        "exception": result.exception,
        "cells": result.cells,
        "started_at": result.started_at or status.started_at,
    }


def _output(result: RunResult) -> dict[str, object]:
    """Refer to output.json where the API server would refuse the value, and the status with it."""
    if _is_storable(result.output):
        return {"output": result.output, "output_ref": result.output_ref}
    kept = (a for a in result.artifacts if a.name == names.OUTPUT_ARTIFACT)
    return {"output": None, "output_ref": result.output_ref or next(kept, None)}


def _is_storable(value: Any) -> bool:
    """Tell whether every number in it is one to Go, which has integers of 64 bits and doubles."""
    if isinstance(value, dict):
        return all(map(_is_storable, value.values()))
    if isinstance(value, list):
        return all(map(_is_storable, value))
    return not isinstance(value, int | float) or abs(value) <= sys.float_info.max


def _listed(violations: list[Violation]) -> list[Violation]:
    """Return the first ones, as many as a status has room for; each is whole, or not there."""
    room, listed = names.VIOLATIONS_SIZE_LIMIT, []
    for violation in violations[: names.VIOLATIONS_LIMIT]:
        room -= len(violation.pointer) + len(violation.message)
        if room < 0:
            break
        listed.append(violation)
    return listed


def _last_attempt_ended(
    attempts: list[Attempt], reason: Reason, result: RunResult | None, finished_at: datetime
) -> list[Attempt]:
    if not attempts or attempts[-1].finished_at is not None:
        return attempts
    ended = {
        "reason": reason,
        "finished_at": finished_at,
        "started_at": (result and result.started_at) or attempts[-1].started_at,
    }
    return kept_attempts([*attempts[:-1], attempts[-1].model_copy(update=ended)])


def _conditions(
    execution: Execution,
    reason: Reason,
    message: str,
    finished_at: datetime,
    result: RunResult | None,
) -> list[Condition]:
    jobs = COMPLETE if _phase(reason) is Phase.SUCCEEDED else FAILED
    conditions = [
        _condition(execution, FINISHED, reason.value, message, finished_at),
        # As a Job has them: for what waits for either and knows no phases.
        _condition(execution, jobs, reason.value, "", finished_at),
    ]
    if result is not None and (lost := _lost(result)):
        sentence = "; ".join(map(_not_kept, lost))
        conditions.append(
            _condition(execution, ARTIFACTS_LOST, lost[0].reason, sentence, finished_at)
        )
    if result is not None and result.violations:
        listed = "; ".join(f"{v.pointer}: {v.message}" for v in result.violations)
        invalid = _condition(execution, OUTPUT_VALID, "OutputInvalid", listed, finished_at)
        conditions.append(invalid.model_copy(update={"status": "False"}))
    return conditions


def _lost(result: RunResult) -> list[LostArtifacts]:
    """Return what was not kept; a runner that was killed meanwhile could not say what."""
    told = any(lost.reason in (UPLOAD_TIMEOUT, STORE_LOST) for lost in result.lost)
    if told or not result.artifacts_lost:
        return result.lost
    late = LostArtifacts(reason=UPLOAD_TIMEOUT, message="could not be stored in time", count=0)
    return [*result.lost, late]


def _not_kept(lost: LostArtifacts) -> str:
    """Return the sentence for people: how many, why, and the first by name."""
    subject = {0: "some artifacts", 1: "1 artifact"}.get(lost.count, f"{lost.count} artifacts")
    listed = ", ".join(lost.names)
    more = f" and {lost.count - len(lost.names)} more" if lost.count > len(lost.names) else ""
    named = f": {listed}{more}" if listed else ""
    return f"{subject} {'was' if lost.count == 1 else 'were'} not kept: {lost.message}{named}"


def _warnings(result: RunResult) -> list[RunWarning]:
    """Return what the runner told, after what the conditions say too."""
    found = [warn(Kind.ARTIFACTS_LOST, _not_kept(lost)) for lost in _lost(result)]
    if result.violations and result.reason is Reason.NOTEBOOK_COMPLETED:
        first, more = result.violations[0], len(result.violations) - 1
        others = f" (and {more} more violations)" if more else ""
        found.append(warn(Kind.OUTPUT_INVALID, f"{first.message}{others}", pointer=first.pointer))
    return bounded([*found, *result.warnings])


def _condition(
    execution: Execution, kind: str, reason: str, message: str, moment: datetime
) -> Condition:
    return Condition(
        type=kind,
        status="True",
        reason=reason,
        message=message[: names.MESSAGE_LIMIT],
        last_transition_time=moment,
        observed_generation=execution.generation,
    )
