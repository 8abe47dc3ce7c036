"""Judges what can be proved to take no time, and leaves the rest to be judged in a process."""

from collections.abc import Mapping
from typing import Any, Final

from podbook_crds.call_rules import defaults
from podbook_crds.call_rules.contracts import VIOLATIONS_LIMIT, check_schema, violations
from podbook_crds.call_rules.parameters import ROOT, misnamed, without_repetition
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidContract, InvalidParameters, Violation

# A contract by which not even this can be judged in bounds is none that a call could be held to.
SMALLEST: Final[dict[str, Any]] = {}


def check_parameters(
    parameters: Mapping[str, Any],
    contract: Contract | None,
    *,
    strict: bool,
    language: str,
    closed: bool = True,
) -> bool:
    """Raise InvalidParameters, or InvalidContract; return False where nothing was judged yet.

    strict asserts formats and, where closed, refuses undeclared parameters; language is the
    notebook's.
    """
    judged: list[Violation] | None = []
    if contract is not None:
        is_closed = strict and closed
        judged = found(dict(parameters), contract, root=ROOT, formats=strict, closed=is_closed)
    if judged is None:
        return False
    refuse(unsayable(parameters, contract, language), judged)
    return True


def unsayable(
    parameters: Mapping[str, Any], contract: Contract | None, language: str
) -> list[Violation]:
    """Return what can be no parameter, or no value of the language, defaults in force included."""
    schema = None if contract is None else contract.schema
    named = misnamed(parameters, language)
    return [*named, *defaults.unusable(parameters, schema, language)][:VIOLATIONS_LIMIT]


def found(
    value: Any, contract: Contract, *, root: str, formats: bool, closed: bool = False
) -> list[Violation] | None:
    """Return the violations, None where it is not known to take no time."""
    if not contract.proof.covers(value):
        return None
    return violations(
        value, contract.schema, models=contract.models, root=root, formats=formats, closed=closed
    )


def refuse(named: list[Violation], judged: list[Violation]) -> None:
    """Raise InvalidParameters where anything is wrong with names or values."""
    if together := without_repetition(named, judged):
        raise InvalidParameters(together)


def contract_problem(contract: Contract) -> str | None:
    """Return what is wrong with a contract, "" for nothing, None where that is not known yet."""
    if not contract.is_small:
        return None
    try:
        check_schema(contract.schema, contract.models)
    except InvalidContract as error:
        return str(error)
    return "" if contract.proof.covers(SMALLEST) else None
