"""The final status: what it takes over from a result, and within which bounds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.ends.finish import finished
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Violation
from podbook_crds.protocol.result import LostArtifacts, RunResult
from podbook_crds.resources.execution import (
    Artifact,
    Execution,
    ExecutionSpec,
    ExecutionStatus,
    NotebookRef,
)
from podbook_crds.resources.warning import WARNINGS_LIMIT, Kind, warn

NOT_FINAL = {
    Reason.WAITING_FOR_SLOT,
    Reason.NOTEBOOK_NOT_FOUND,
    Reason.QUOTA_EXCEEDED,
    Reason.INTAKE_UNAVAILABLE,
    Reason.POD_CREATED,
    Reason.CELLS_RUNNING,
    Reason.CANCELLING,
}
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


WARNING = warn(Kind.CELLS_SKIPPED, "cell 1 ended the kernel: 2 cells did not run", cell=1)
TOO_MANY = LostArtifacts(
    reason="TooMany", message="there are more than 1,000 files", count=7, names=["'a'", "'b'"]
)
REFUSED = LostArtifacts(reason="Refused", message="the store refused it", names=["'c'"])


@pytest.mark.parametrize(
    ("lost", "late", "reason", "message"),
    [
        pytest.param([], True, "UploadTimeout", "in time", id="a runner that could not say more"),
        pytest.param(
            [TOO_MANY],
            False,
            "TooMany",
            "7 artifacts were not kept: there are more than 1,000 files: 'a', 'b' and 5 more",
            id="with the first names",
        ),
        pytest.param(
            [REFUSED, TOO_MANY],
            False,
            "Refused",
            "1 artifact was not kept: the store refused it: 'c'; 7 artifacts",
            id="every reason",
        ),
        pytest.param(
            [TOO_MANY], True, "TooMany", "some artifacts were not kept: could", id="and killed"
        ),
    ],
)
def test_lost_artifacts_are_told_by_a_condition_and_by_warnings(
    lost: list[LostArtifacts], late: bool, reason: str, message: str
) -> None:
    result = RunResult(reason=Reason.NOTEBOOK_COMPLETED, lost=lost, artifacts_lost=late)

    status = end_of(result)

    condition = next(c for c in status.conditions if c.type == "ArtifactsLost")
    assert (condition.status, condition.reason) == ("True", reason)
    assert message in condition.message
    assert [w.type for w in status.warnings] == ["urn:podbook:warning:artifacts-lost"] * (
        len(lost) + late
    )
    assert status.warnings[0].detail in condition.message


def test_the_warnings_of_a_result_stand_in_the_status_each_once() -> None:
    result = RunResult(reason=Reason.NOTEBOOK_RAISED, warnings=[WARNING, WARNING])

    assert end_of(result).warnings == [WARNING]


def test_an_output_that_does_not_fit_and_is_only_reported_is_warned_of() -> None:
    result = RunResult(reason=Reason.NOTEBOOK_COMPLETED, violations=places(3))

    (warning,) = end_of(result).warnings

    assert (warning.type, warning.pointer) == ("urn:podbook:warning:output-invalid", "/output/0")
    assert "2 more" in warning.detail
    failed = result.model_copy(update={"reason": Reason.OUTPUT_INVALID})
    assert end_of(failed).warnings == []


def test_a_status_has_room_for_so_many_warnings_and_so_much_of_each() -> None:
    many = [warn(Kind.OUTPUT_CLIPPED, f"{n} {'x' * 9000}", pointer="/" * 9000) for n in range(99)]

    listed = end_of(RunResult(reason=Reason.NOTEBOOK_RAISED, warnings=many)).warnings

    assert [w.detail[:2] for w in listed] == [f"{n} "[:2] for n in range(WARNINGS_LIMIT)]
    assert {len(w.detail) for w in listed} == {len(w.pointer or "") for w in listed} == {400}


def test_a_result_of_a_runner_that_knows_no_warnings_or_newer_ones_is_read() -> None:
    old = {"reason": "NotebookCompleted", "artifactsLost": True}
    new = {"type": "urn:podbook:warning:of-tomorrow", "detail": "x", "more": 1}

    assert len(end_of(RunResult.model_validate(old)).warnings) == 1
    told = RunResult.model_validate({**old, "artifactsLost": False, "warnings": [new]})
    assert [w.type for w in end_of(told).warnings] == [new["type"]]


def end_of(result: RunResult) -> ExecutionStatus:
    spec = ExecutionSpec(notebook=NotebookRef(name="n"))
    execution = Execution(namespace="default", name="x", uid="u", spec=spec)
    return finished(execution, reason=result.reason, now=NOW, result=result)


@pytest.mark.parametrize("reason", [r for r in Reason if r not in NOT_FINAL])
def test_tools_that_know_jobs_are_told_as_by_a_job(reason: Reason) -> None:
    status = end_of(RunResult(reason=reason))

    told = {c.type: (c.status, c.reason) for c in status.conditions}
    kind = "Complete" if status.phase is Phase.SUCCEEDED else "Failed"
    assert told.keys() & {"Complete", "Failed"} == {kind}
    assert told[kind] == told["Finished"] == ("True", reason.value)
