"""A release bounds what executions may ask for, whatever their notebooks say."""

from typing import Any

import pytest
from pydantic import ValidationError

from podbook_crds.call_rules.limits import Limits
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_operator.rules.effective_spec import terms
from podbook_operator.rules.limits import within
from tests.support.views import a_notebook, an_execution

BOUNDS = {
    "deadlineSeconds": 3600,
    "startTimeoutSeconds": 300,
    "queueTimeoutSeconds": 86_400,
    "retryLimit": 2,
    "ttlSecondsAfterFinished": 1_209_600,
    "resources": {"memory": "4Gi", "nvidia.com/gpu": "1"},
}


def problem(
    limits: dict[str, Any], notebook: dict[str, Any], *, phase: Phase = Phase.QUEUED, **spec: Any
) -> tuple[Reason, str] | None:
    execution = an_execution(phase=phase, **spec)
    found = terms(execution, a_notebook(**notebook), {})
    held = within(execution, found, Limits.model_validate(limits))
    return None if held.problem is None else (held.problem.reason, held.problem.message)


def test_who_asks_for_nothing_is_within_any_bounds() -> None:
    assert problem(BOUNDS, {}) is None


@pytest.mark.parametrize(
    ("notebook", "spec", "says"),
    [
        ({}, {"deadlineSeconds": 3601}, "deadlineSeconds: 3601 is more than the 3600 that"),
        ({"defaults": {"deadlineSeconds": 7200}}, {}, "deadlineSeconds: 7200 is more than"),
        ({}, {"startTimeoutSeconds": 301}, "startTimeoutSeconds: 301"),
        ({}, {"queueTimeoutSeconds": 86_401}, "queueTimeoutSeconds: 86401"),
        ({}, {"retryLimit": 3}, "retryLimit: 3"),
        ({}, {"ttlSecondsAfterFinished": 1_209_601}, "ttlSecondsAfterFinished: 1209601"),
        (
            {"runtime": {"resources": {"limits": {"memory": "5G"}}}},
            {},
            "runtime.resources.limits.memory: 5G is more than the 4Gi",
        ),
        (
            {"runtime": {"resources": {"requests": {"nvidia.com/gpu": 2}}}},
            {},
            "runtime.resources.requests.nvidia.com/gpu: 2 is more than the 1",
        ),
    ],
)
def test_what_is_too_much_is_refused_with_both_numbers(
    notebook: dict[str, Any], spec: dict[str, Any], says: str
) -> None:
    found = problem(BOUNDS, notebook, **spec)

    assert found is not None
    assert (found[0], says in found[1]) == (Reason.INVALID_RUNTIME, True), found
    assert "operator.config.limits" in found[1]
    assert problem({}, notebook, **spec) is None
    # Bounds that come later end nothing that runs.
    assert problem(BOUNDS, notebook, phase=Phase.RUNNING, **spec) is None


@pytest.mark.parametrize(
    "limits", [{"deadlineSeconds": 60}, {"retryLimit": 0}, {"resources": {"memory": "much"}}]
)
def test_bounds_that_nothing_could_keep_are_none(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)
