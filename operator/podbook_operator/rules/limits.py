"""What no execution may ask for here, whatever its notebook says: the release's own bounds."""

from dataclasses import replace
from typing import Final

from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources import quantities
from podbook_crds.resources.execution import Execution
from podbook_operator.config import Limits
from podbook_operator.rules.effective_spec import Terms
from podbook_operator.rules.verdict import Problem

# What terms call it -> what people write.
_NUMBERS: Final = {
    "deadline_seconds": "deadlineSeconds",
    "start_timeout_seconds": "startTimeoutSeconds",
    "queue_timeout_seconds": "queueTimeoutSeconds",
    "retry_limit": "retryLimit",
    "ttl_seconds": "ttlSecondsAfterFinished",
}


def within(execution: Execution, terms: Terms, limits: Limits) -> Terms:
    """Return the terms, with what is too much as their problem; what has begun goes on."""
    if terms.problem is not None or execution.status.phase is not Phase.QUEUED:
        return terms
    wrong = _number(terms, limits) or _amount(terms, limits)
    if not wrong:
        return terms
    sentence = f"{wrong} that may be asked for here (operator.config.limits)"
    return replace(terms, problem=Problem(Reason.INVALID_RUNTIME, sentence))


def _number(terms: Terms, limits: Limits) -> str:
    for field, written in _NUMBERS.items():
        most, asked = getattr(limits, field), getattr(terms, field)
        if most is not None and asked > most:
            return f"{written}: {asked} is more than the {most}"
    return ""


def _amount(terms: Terms, limits: Limits) -> str:
    resources = terms.runtime.resources
    for part, amounts in (("requests", resources.requests), ("limits", resources.limits)):
        for name, most in limits.resources.items():
            asked = amounts.get(name)
            if asked is not None and _is_more(asked, most):
                return f"runtime.resources.{part}.{name}: {asked[:40]} is more than the {most}"
    return ""


def _is_more(asked: str, most: str) -> bool:
    try:
        return quantities.parse(asked) > quantities.parse(most)
    except ValueError:
        return False  # No amount at all: the API server says so of the pod.
