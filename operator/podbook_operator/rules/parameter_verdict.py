"""Whether an execution's parameters fit, as the API finds out before it creates one."""

from dataclasses import dataclass
from typing import Final

from podbook_crds import names
from podbook_crds.call_rules import languages, surfaces
from podbook_crds.checking.at_once import check_parameters
from podbook_crds.checking.contract import contract_of
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import InvalidContract, InvalidParameters, PodbookError
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.notebook import InputValidation, Notebook


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an execution can never start."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known: a problem, none, or nothing yet, as checking it takes a process."""

    problem: Problem | None = None
    is_open: bool = False


FITS: Final = Verdict()
OPEN: Final = Verdict(is_open=True)


def judged_at_once(execution: Execution, notebook: Notebook | None) -> Verdict:
    """Return the verdict where it takes no time; notebook is None for one that came along."""
    try:
        is_judged = check_parameters(
            execution.given_parameters,
            None if notebook is None else contract_of(notebook.spec),
            strict=is_strict(execution),
            closed=is_closed(execution, notebook),
            language=language_of(execution, notebook),
        )
    except (InvalidParameters, InvalidContract) as error:
        return refused(error, notebook)
    return FITS if is_judged else OPEN


def refused(error: PodbookError, notebook: Notebook | None) -> Verdict:
    """Return what the error means for the execution."""
    if isinstance(error, InvalidContract):
        sentence = f"its contract cannot be used: {error}"
        return Verdict(Problem(Reason.INVALID_NOTEBOOK, sentence))
    named = "" if notebook is None else f" (contract of notebook '{notebook.id}')"
    return Verdict(Problem(Reason.INVALID_PARAMETERS, f"{error}{named}"))


def is_strict(execution: Execution) -> bool:
    """Tell whether the surface that it came by checks strictly."""
    return surfaces.is_strict(execution.annotations.get(names.SURFACE_ANNOTATION))


def is_closed(execution: Execution, notebook: Notebook | None) -> bool:
    """Tell whether a parameter that no contract declares is refused: by the call, or its notebook.

    The API notes in the execution what the notebook says; kubectl, and an older API, do not.
    """
    asked = execution.spec.input_validation
    if asked is None and notebook is not None:
        asked = notebook.spec.input_validation
    return asked in (None, InputValidation.ENFORCE)


def language_of(execution: Execution, notebook: Notebook | None) -> str:
    """Return the language that its parameters are written in."""
    return languages.of_inline(execution) if notebook is None else notebook.spec.runtime.language
