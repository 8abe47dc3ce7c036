"""The final status: what it takes over from a result, and within which bounds."""

from datetime import UTC, datetime

import pytest

from podbook_crds import names
from podbook_crds.errors import Violation
from podbook_crds.execution import Execution, ExecutionSpec, NotebookRef
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
    spec = ExecutionSpec(notebook=NotebookRef(name="n"))
    execution = Execution(namespace="default", name="x", uid="u", spec=spec)
    result = RunResult(reason=Reason.OUTPUT_INVALID, violations=violations)

    status = finished(execution, reason=result.reason, now=NOW, result=result)

    assert status.violations == violations[:listed]
