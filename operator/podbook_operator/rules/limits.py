"""What no execution may ask for here, whatever its notebook says: the release's own bounds."""

from dataclasses import replace

from podbook_crds.call_rules.limits import Limits, excesses
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Execution
from podbook_operator.rules.effective_spec import Terms
from podbook_operator.rules.parameter_verdict import Problem


def within(execution: Execution, terms: Terms, limits: Limits) -> Terms:
    """Return the terms, with what is too much as their problem; what has begun goes on."""
    if terms.problem is not None or execution.status.phase is not Phase.QUEUED:
        return terms
    excess = next(excesses(terms.held, limits), None)
    if excess is None:
        return terms
    return replace(terms, problem=Problem(Reason.INVALID_RUNTIME, str(excess)))
