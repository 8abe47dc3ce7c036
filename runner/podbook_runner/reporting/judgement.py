"""Says what a saved output means for the execution: whether it fits the contract, in bounds."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from podbook_crds.checking import blocking
from podbook_crds.checking.checker import Unchecked
from podbook_crds.checking.contract import Contract
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidContract, Violation
from podbook_crds.protocol.job import Job
from podbook_crds.resources.notebook import OutputValidation
from podbook_runner.reporting.output import ROOT, Output

# Of an output, which may have 32 MiB; the run's own deadline holds beside it.
SECONDS: Final = 60

Judgement = tuple[Reason, list[Violation]]
Check = Callable[[Any, Contract], list[Violation]]


def in_bounds(is_stopped: Callable[[], bool] = bool, *, seconds: float = SECONDS) -> Check:
    """Return what checks, in a process where it has to; is_stopped makes it raise Stopped."""
    return partial(blocking.violations, root=ROOT, seconds=seconds, is_stopped=is_stopped)


def is_judged_at_once(output: Output, job: Job) -> bool:
    """Tell whether it is known beforehand that checking it takes no time."""
    contract = _contract(job)
    is_checked = job.output_validation is not OutputValidation.OFF and not output.problems
    return not is_checked or contract is None or contract.proof.covers(output.value)


def not_judged_yet(job: Job) -> Judgement:
    """Return what holds where the runner is killed before it has judged: no success is claimed."""
    said = "was not checked: the runner ended before it could be"
    return _meaning([Violation(ROOT, said)], job, nothing_saved=False)


def judge(output: Output, job: Job, check: Check | None = None) -> Judgement:
    """Return what the output means for the execution, and every place where it does not fit."""
    # What could not be kept at all is told of even where nobody checks the rest.
    is_off = job.output_validation is OutputValidation.OFF
    found = output.problems if is_off else _violations(output, job, check or in_bounds())
    return _meaning(found, job, nothing_saved=output.text is None and not output.problems)


def _meaning(found: list[Violation], job: Job, *, nothing_saved: bool) -> Judgement:
    if not found or job.output_validation is not OutputValidation.ENFORCE:
        return Reason.NOTEBOOK_COMPLETED, found
    return (Reason.OUTPUT_MISSING if nothing_saved else Reason.OUTPUT_INVALID), found


def _violations(output: Output, job: Job, check: Check) -> list[Violation]:
    contract = _contract(job)
    if output.problems or contract is None:
        return output.problems
    try:
        found = check(output.value, contract)
    except InvalidContract as error:
        return [Violation(ROOT, f"cannot be checked: {error}")]
    except Unchecked as error:
        return [Violation(ROOT, str(error))]
    if found and output.text is None:
        return [Violation(ROOT, "nothing was saved; call save_output, or write $PODBOOK_OUTPUT")]
    return found


def _contract(job: Job) -> Contract | None:
    return None if job.output is None or job.inferred else Contract(job.output, job.models)
