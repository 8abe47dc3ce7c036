"""The final status: what it takes over from a result, and within which bounds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.errors import Violation
from podbook_crds.execution import (
    Artifact,
    Execution,
    ExecutionSpec,
    ExecutionStatus,
    NotebookRef,
)
from podbook_crds.finish import finished
from podbook_crds.reasons import Reason
from podbook_crds.result import RunResult

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def places(count: int, *, size: int = 1) -> list[Violation]:
    return [Violation(f"/output/{number}", "x" * size) for number in range(count)]


@pytest.mark.parametrize(
    ("violations", "listed"),
    [
        pytest.param(places(3), 3, id="all of a few"),
        pytest.param(places(100), names.VIOLATIONS_LIMIT, id="the first of many"),
        pytest.param(places(10, size=2000), 4, id="as many long ones as there is room for"),
        pytest.param(places(2, size=names.VIOLATIONS_SIZE_LIMIT), 0, id="none that is cut"),
    ],
)
def test_a_status_lists_where_the_output_does_not_fit_as_far_as_it_has_room(
    violations: list[Violation], listed: int
) -> None:
    result = RunResult(reason=Reason.OUTPUT_INVALID, violations=violations)

    assert end_of(result).violations == violations[:listed]


@pytest.mark.parametrize(
    ("output", "stored"),
    [
        pytest.param({"a": [2**64, -1.5, True, None, "9" * 400]}, True, id="what Go reads"),
        pytest.param(10**308, True, id="an integer that is a double to it"),
        pytest.param({"a": [10**309]}, False, id="an integer that is none"),
        pytest.param([-(10**400)], False, id="one below zero"),
        pytest.param(float("inf"), False, id="what is no JSON"),
    ],
)
def test_an_output_that_no_status_may_hold_is_referred_to(output: Any, stored: bool) -> None:
    file = Artifact(name=names.OUTPUT_ARTIFACT, size=1, digest="sha256:x")
    other = file.model_copy(update={"name": names.NOTEBOOK_ARTIFACT})
    result = RunResult(
        reason=Reason.NOTEBOOK_COMPLETED, output=output, has_output=True, artifacts=[other, file]
    )

    status = end_of(result)

    assert status.has_output
    expected = (output, None) if stored else (None, file)
    assert (status.output, status.output_ref) == expected


def end_of(result: RunResult) -> ExecutionStatus:
    spec = ExecutionSpec(notebook=NotebookRef(name="n"))
    execution = Execution(namespace="default", name="x", uid="u", spec=spec)
    return finished(execution, reason=result.reason, now=NOW, result=result)
