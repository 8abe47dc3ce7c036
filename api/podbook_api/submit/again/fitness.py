"""Whether an execution that is there answers a call: values in, value out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from podbook_api.submit.again.answer_key import are_same
from podbook_crds import names
from podbook_crds.ends.finish import ARTIFACTS_LOST
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import Schema
from podbook_crds.resources.serving.answers import Cache, Scope

# What cells do the same way again; a kernel that died or took too long may do better.
_RAISED = frozenset({Reason.NOTEBOOK_RAISED, Reason.OUTPUT_INVALID, Reason.OUTPUT_MISSING})


class Use(StrEnum):
    """What became of a call that might have been given an answer that was there."""

    HIT = "hit"  # The answer of a run that has ended.
    MET = "met"  # The run of the same call, which goes on.
    MISS = "miss"  # A run of its own.


@dataclass(frozen=True)
class Wanted:
    """What a call would be answered by."""

    # The execution that it would make.
    draft: Execution
    schema: Schema | None
    caller: str
    cache: Cache
    # Of the call itself, in seconds.
    max_age: int | None = None


def use_of(found: Execution, wanted: Wanted, now: datetime) -> Use:
    """Return what an execution is to the call; MISS where it is nothing."""
    if found.deleted or found.spec.cancel or not _is_by_the_right_one(found, wanted):
        return Use.MISS
    # Names and labels are whoever's who makes executions; what ran is what the spec says.
    if not are_same(found, wanted.draft, wanted.schema):
        return Use.MISS
    if not found.status.phase.is_final:
        return Use.MET
    longest = _longest(found, wanted.cache)
    if wanted.max_age is not None:
        longest = min(longest, wanted.max_age)
    is_young = longest > 0 and age(found, now) <= longest
    return Use.HIT if is_young and not _has_lost(found) else Use.MISS


def age(found: Execution, now: datetime) -> float:
    """Return for how many seconds it has been final.

    Its end was told by the clock of a node: one that is ahead makes no answer last for ever.
    """
    ended = found.status.finished_at
    return 0.0 if ended is None else round(abs((now - ended).total_seconds()), 3)


def _is_by_the_right_one(found: Execution, wanted: Wanted) -> bool:
    by = found.annotations.get(names.CREATED_BY_ANNOTATION)
    return by is not None and (wanted.cache.scope is Scope.SHARED or by == wanted.caller)


def _longest(found: Execution, cache: Cache) -> int:
    if found.status.finished_at is None:
        return 0
    if found.status.phase is Phase.SUCCEEDED:
        return cache.max_age_seconds
    is_raised = found.status.phase is Phase.FAILED and found.status.reason in _RAISED
    return cache.failure_max_age_seconds if is_raised else 0


def _has_lost(found: Execution) -> bool:
    return any(c.type == ARTIFACTS_LOST and c.status == "True" for c in found.status.conditions)
