"""What a part of the last release writes back has lost only what is told elsewhere too.

Parts are upgraded one after the other, and set back. One of the last release reads what this one
wrote, knows none of its new fields, and writes the status again without them; so does a cluster
whose definition is still the last one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from podbook_api.state.standings import Standing
from podbook_api.v1 import views
from podbook_crds import names
from podbook_crds.ends.finish import DECIDED_BY_RESULT, finished
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Violation
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import Attempt, Execution, ExecutionStatus
from podbook_crds.resources.warning import Kind, noted, warn
from podbook_operator.pod.state import PodState
from podbook_operator.rules.decide import decide
from tests.support.views import NOW, a_pod, a_view, an_ended_pod, an_execution, claimed, ended

HERE = Path(__file__).parent
# Each new field, and what stands in for it where who wrote last does not know it.
LOSABLE = {
    "/spec/inputValidation": "the call was checked when it was taken",
    "/spec/keep": "only a definition loses it, and whoever asks for it is told",
    "/status/violations[]/suggestion": "the sentence before it",
    "/status/warnings": "those of the call are in its annotation; what a run adds decides nothing",
    "/status/attempts[]/pod": "the pod's labels, and its uid",
    "/status/attempts[]/warm": "the pod's own annotation",
}


def schema_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


LAST = schema_of(HERE / "last_release" / "notebookexecutions.yaml")
NOW_IS = schema_of(HERE.parents[1] / "crds" / "notebookexecutions.podbook.dev.yaml")


def added(last: Any, now: Any, place: str = "") -> Iterator[str]:
    """Yield the fields that the last release's definition does not know."""
    if "items" in now and "items" in last:
        yield from added(last["items"], now["items"], f"{place}[]")
    known = last.get("properties") or {}
    for name, schema in (now.get("properties") or {}).items():
        if name in known:
            yield from added(known[name], schema, f"{place}/{name}")
        elif not last.get("x-kubernetes-preserve-unknown-fields"):
            yield f"{place}/{name}"


def known_of(value: Any, schema: Any) -> Any:
    """Return what the last release knows of a value, which is what it writes back."""
    if isinstance(value, list) and "items" in schema:
        return [known_of(each, schema["items"]) for each in value]
    known = schema.get("properties")
    if not isinstance(value, dict) or known is None:
        return value
    return {name: known_of(each, known[name]) for name, each in value.items() if name in known}


def written_back(execution: Execution) -> Execution:
    """Return the execution after a part of the last release wrote its status again."""
    status = known_of(execution.status.to_wire(), LAST["properties"]["status"])
    return execution.model_copy(update={"status": ExecutionStatus.model_validate(status)})


def differing(before: Any, after: Any, place: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from differing(before.get(name), after.get(name), f"{place}/{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from differing(one, other, f"{place}[]")
    elif before != after:
        yield place


CALLED = {
    **noted([warn(Kind.UNKNOWN_PARAMETER, "epoch is none", pointer="/parameters/epoch")]),
    names.SURFACE_ANNOTATION: "v1",
    names.CREATED_BY_ANNOTATION: "ada",
}


def running(**attempt: Any) -> Execution:
    """Return one whose pod had waited for a call, and was claimed."""
    attempts = [claimed(pod="wrm-1", warm=True, **attempt)]
    return an_execution(
        phase=Phase.RUNNING, reason=Reason.CELLS_RUNNING, attempts=attempts, annotations=CALLED
    )


def every_end() -> Iterator[Execution]:
    """Yield an execution for each reason, with all that a status can tell of it."""
    lost = warn(Kind.ARTIFACTS_LOST, "plot.png was not stored")
    wrong = Violation("/sum", "is no integer", suggestion="total")
    for reason in Reason:
        result = RunResult(
            reason=reason, output=1, has_output=True, warnings=[lost], violations=[wrong]
        )
        told = result if reason in DECIDED_BY_RESULT else None
        status = finished(running(), reason=reason, now=NOW, result=told)
        yield running().model_copy(update={"status": status})


def test_each_new_field_says_what_stands_in_for_it() -> None:
    assert set(added(LAST, NOW_IS)) == set(LOSABLE)


@pytest.mark.parametrize("execution", [running(), *every_end()], ids=lambda e: e.status.reason)
def test_callers_are_told_the_same(execution: Execution) -> None:
    def shown(found: Execution) -> Any:
        return views.execution(found, [], None, Standing(frozenset()), root="")

    before, after = shown(execution), shown(written_back(execution))

    losable = {place.removeprefix("/status") for place in LOSABLE}
    assert set(differing(before, after)) <= losable
    assert before["warnings"][0] in after["warnings"]


@pytest.mark.parametrize(
    "pods",
    [
        [],
        [a_pod(name="wrm-1")],
        [a_pod(name="wrm-1", phase="Failed", reason="Evicted", runner=ended(1))],
        [an_ended_pod(name="wrm-1", result=RunResult(reason=Reason.NOTEBOOK_COMPLETED))],
        [a_pod(name="wrm-1"), a_pod(2)],
    ],
    ids=["gone", "runs", "evicted", "ended", "a second"],
)
def test_the_same_is_decided(pods: list[PodState]) -> None:
    first, second = (decide(a_view(each, *pods)) for each in (running(), written_back(running())))

    assert first.start == second.start
    assert (first.delete, first.end_at_once) == (second.delete, second.end_at_once)
    ends = [each.status and (each.status.phase, each.status.reason) for each in (first, second)]
    assert ends[0] == ends[1]


def test_an_attempt_whose_reason_is_new_is_read_by_no_part_as_another() -> None:
    attempts = [Attempt(number=1, pod_uid="pod-1", reason=Reason.RESTORED)]

    assert written_back(an_execution(attempts=attempts)).status.attempts == attempts
