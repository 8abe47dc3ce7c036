"""Holds the examples of a notebook against its contract: what a run of them would be told."""

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from podbook_catalog.checks.faults import Fault
from podbook_catalog.entries.catalog_entry import Entry
from podbook_catalog.entries.draft import config_path
from podbook_crds.call_rules.parameters import misnamed, without_repetition
from podbook_crds.checking.blocking import violations
from podbook_crds.checking.checker import Unchecked
from podbook_crds.checking.contract import Contract
from podbook_crds.ends.reasons import EXPLANATIONS, Reason
from podbook_crds.ends.reasons import Fault as Whose
from podbook_crds.errors import InvalidContract, Violation
from podbook_crds.resources.example import Example

# What a run may end with that ran, or was refused: no phase before its end, and no accident.
EXPECTED: Final = tuple(
    reason.value
    for reason, explained in EXPLANATIONS.items()
    if explained.fault in {Whose.NOTEBOOK, Whose.CALLER} and reason is not Reason.NOTEBOOK_NOT_FOUND
)


def of_examples(entry: Entry) -> list[Fault]:
    """Return every place in the examples that cannot be as it is written."""
    file = config_path(entry.path).as_posix()
    names = Counter(example.name for example in entry.spec.examples)
    found = []
    for index, example in enumerate(entry.spec.examples):
        at = f"/examples/{index}"
        places = [*_of_one(example, entry, at)]
        if names[example.name] > 1:
            places.append(Violation(f"{at}/name", f"{example.name!r} is another example's, too"))
        found += [Fault(file, place.pointer, place.message) for place in places]
    return found


def _of_one(example: Example, entry: Entry, at: str) -> Iterator[Violation]:
    fails = example.reason is not None or example.exception is not None
    if example.expects_output and fails:
        yield Violation(f"{at}/output", "a run that fails saves none; take output or the reason")
    if example.reason is not None and example.reason not in EXPECTED:
        near = get_close_matches(example.reason, EXPECTED, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(EXPECTED)}"
        yield Violation(f"{at}/reason", f"{example.reason!r} is no end of a run; {advice}")
    if example.reason != Reason.INVALID_PARAMETERS:
        yield from _parameters(example, entry, f"{at}/parameters")
    if example.expects_output and entry.spec.output is not None:
        contract = Contract(entry.spec.output, entry.spec.models)
        yield from _checked(example.output, contract, f"{at}/output")


def _parameters(example: Example, entry: Entry, at: str) -> list[Violation]:
    named = misnamed(example.parameters, entry.spec.runtime.language)
    places = [Violation(at + v.pointer.removeprefix("/parameters"), v.message) for v in named]
    if entry.spec.inferred or entry.spec.input is None:
        return places
    contract = Contract(entry.spec.input, entry.spec.models)
    return without_repetition(places, list(_checked(example.parameters, contract, at, closed=True)))


def _checked(
    value: Any, contract: Contract, at: str, *, closed: bool = False
) -> Iterator[Violation]:
    try:
        for place in violations(value, contract, root=at, closed=closed):
            hint = f"; did you mean {place.suggestion!r}?" if place.suggestion else ""
            yield Violation(place.pointer, f"{place.message}{hint}")
    except (InvalidContract, Unchecked) as error:
        yield Violation(at, str(error))
