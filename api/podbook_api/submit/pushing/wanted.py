"""What a push asks for, checked as far as it can be without looking at what there is."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import ValidationError

from podbook_api.auth.rbac import User
from podbook_api.http import wrong_values
from podbook_api.http.problems import Problem
from podbook_crds.call_rules import possible_calls
from podbook_crds.call_rules.overriding.check import mistakes
from podbook_crds.checking.checker import Checker
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import Violation
from podbook_crds.resources import amounts
from podbook_crds.resources.model import PATH_PATTERN
from podbook_crds.resources.notebook import NotebookSpec
from podbook_crds.resources.pushed import ManagedBy, Origin, Verdict

_RESERVED: Final = "/executions"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One notebook as somebody wants it to be."""

    notebook_id: str
    caller: User
    catalog: str
    # Exactly one of the two.
    spec: NotebookSpec | None = None
    version: int | str | None = None
    managed_by: ManagedBy = ManagedBy.PUSH
    source: Origin | None = None
    verdict: Verdict | None = None
    # Of the history: how many versions, and for how many days.
    kept: dict[str, int] = field(default_factory=dict)
    take_over: bool = False
    # The digest that is to be there now; an empty one for none at all.
    expected: str | None = None


def read_spec(notebook_id: str, value: dict[str, Any]) -> NotebookSpec:
    """Return the spec of a push to that id; raise Problem 422 with every wrong place."""
    spec: NotebookSpec | None = None
    try:
        # By its names on the wire alone: by others kubectl would not know it either.
        said = {**value, "id": notebook_id}
        spec = NotebookSpec.model_validate(said, extra="forbid", by_alias=True, by_name=False)
    except ValidationError as error:
        shown = error.errors(include_url=False, include_context=False, include_input=False)
        wrong = wrong_values.violations(shown, NotebookSpec)
        found = [replace(violation, pointer=f"/spec{violation.pointer}") for violation in wrong]
    else:
        found = [Violation("/spec", sentence) for sentence in _mistakes(notebook_id, value, spec)]
    if found or spec is None:
        raise Problem(
            422,
            "invalid-request",
            "The notebook cannot be stored like this",
            wrong_values.listed(found),
            violations=found,
        )
    return spec


async def check_contract(spec: NotebookSpec, checker: Checker) -> None:
    """Raise InvalidContract unless both schemas of the spec can be used, and a call can fit."""
    for schema in (spec.input, spec.output):
        await checker.schema(Contract(schema or {}, spec.models))
    possible_calls.check(spec, datetime.now(UTC))


def _mistakes(notebook_id: str, value: dict[str, Any], spec: NotebookSpec) -> list[str]:
    sentences = [*amounts.mistakes(spec.runtime), *mistakes(spec.overrides), *_misplaced(spec)]
    if value.get("id", notebook_id) != notebook_id:
        sentences.append(f"its id is {value['id']!r}, and the address says {notebook_id!r}")
    if not re.fullmatch(PATH_PATTERN, notebook_id) or notebook_id.endswith(_RESERVED):
        sentences.append("an id is a relative path that does not end with /executions")
    if spec.problem is not None:
        sentences.append(f"it cannot run: {spec.problem}")
    return sentences


def _misplaced(spec: NotebookSpec) -> Iterator[str]:
    """Yield which files cannot lie beside each other, as they do in a run's work folder."""
    paths = [file.path for file in spec.files]
    known = set(paths)
    if twice := next((path for path, count in Counter(paths).items() if count > 1), None):
        yield f"/files: {twice!r} stands there twice"
    for path in paths:
        above = next((str(p) for p in PurePosixPath(path).parents if str(p) in known), None)
        if above is not None:
            yield f"/files: {above!r} is a file, and {path!r} lies below it"
            return
