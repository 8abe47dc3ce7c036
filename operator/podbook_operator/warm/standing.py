"""What the condition Warm of a notebook says: whether as many pods wait for calls as are wanted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from podbook_crds import names
from podbook_crds.resources.notebook import Condition, Notebook
from podbook_operator.warm.plan import Plan, Pool, is_fit, missing_of, wanted_of

READY: Final = "Ready"
NOT_RUNNABLE: Final = "NotebookNotReady"
FAILED: Final = "PreparationFailed"
NO_QUOTA: Final = "QuotaExceeded"
NO_BUDGET: Final = "BudgetExhausted"
_MESSAGE_LIMIT: Final = 1024
_BUDGET: Final = (
    "the pods of all notebooks that wait are as many as operator.config.warm allows: raise total"
    " or memory there, or lower warm.min of a notebook"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether enough wait, and why not; of which generation of the notebook."""

    is_enough: bool
    reason: str
    generation: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What no pod says: why the last that failed did, and what the quota said."""

    failure: str = ""
    quota: str = ""


def standing(pool: Pool, decided: Plan, met: Hindrance, *, generation: int) -> Standing | None:
    """Return how the pool stands; None where that is as before, until the next pod has come.

    A pod that was just given away is missing, and nothing is wrong: it flips nothing.
    """
    wanted = wanted_of(pool)
    if wanted and sum(is_fit(pod) and pod.pool == pool.key for pod in pool.pods) >= wanted:
        return Standing(True, READY, generation)
    if pool.failures:
        return Standing(False, FAILED, generation, met.failure)
    if met.quota:
        return Standing(False, NO_QUOTA, generation, met.quota)
    if decided.is_short and pool.room < missing_of(pool):
        return Standing(False, NO_BUDGET, generation, _BUDGET)
    return None


def warm_condition(notebook: Notebook, stands: Standing | None, now: datetime) -> list[Condition]:
    """Return the condition Warm, of one that keeps pods and of which anything is known.

    It is written when it flips, when the reason is another, or is of another version: messages
    alone, of which each pod that fails has its own, change nothing.
    """
    if notebook.spec.warm is None:
        return []
    before = [c for c in notebook.status.conditions if c.type == names.WARM_CONDITION]
    if stands is None:
        return before
    fresh = Condition(
        type=names.WARM_CONDITION,
        status="True" if stands.is_enough else "False",
        reason=stands.reason,
        message=stands.message[:_MESSAGE_LIMIT],
        last_transition_time=now,
        observed_generation=stands.generation,
    )
    if before and _says(before[0]) == _says(fresh):
        return before
    if before and before[0].status == fresh.status:
        since = before[0].last_transition_time
        return [fresh.model_copy(update={"last_transition_time": since})]
    return [fresh]


def _says(condition: Condition) -> tuple[str, str, int | None]:
    return condition.status, condition.reason, condition.observed_generation
