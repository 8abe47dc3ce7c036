"""What is done about one execution, rule by rule."""

from datetime import datetime
from typing import Any

import pytest

from podbook_crds.ends.phases import FINAL, Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult
from podbook_operator.config import OperatorConfig
from podbook_operator.rules.decide import RULES, decide
from podbook_operator.rules.view import View
from tests.support.views import (
    CREATED,
    NOW,
    a_pod,
    a_view,
    an_ended_pod,
    an_execution,
    claimed,
    ended,
    failed,
    running,
    seconds,
)

COMPLETED = RunResult(reason=Reason.NOTEBOOK_COMPLETED, has_output=True, output={"n": None})
DIED = RunResult(reason=Reason.KERNEL_DIED, message="in cell 3")
NO_INTAKE = RunResult(reason=Reason.INTAKE_UNAVAILABLE)
LATER = NOW + seconds(100)


REPEATED = [
    pytest.param(
        a_view(an_execution(), an_ended_pod(kernel=ended(1))), "StartFailed", id="unclaimed"
    ),
    pytest.param(
        a_view(an_execution(), a_pod(is_gone=True)), "PodLost", id="deleted before it was claimed"
    ),
    pytest.param(
        a_view(an_execution(), an_ended_pod(is_disrupted=True)), "Evicted", id="preempted"
    ),
    pytest.param(
        a_view(an_execution(startTimeoutSeconds=20), a_pod()), "StartTimeout", id="too slow"
    ),
    pytest.param(
        a_view(running(idempotent=True), an_ended_pod(is_disrupted=True)),
        "Evicted",
        id="claimed, and idempotent",
    ),
    pytest.param(a_view(running(idempotent=True)), "PodLost", id="gone, and idempotent"),
    pytest.param(
        a_view(
            an_execution(attempts=[failed(1, reason=Reason.INTAKE_UNAVAILABLE)] * 9),
            an_ended_pod(10, result=NO_INTAKE),
        ),
        "IntakeUnavailable",
        id="an intake that is down uses no repeat up",
    ),
]


@pytest.mark.parametrize(("view", "reason"), REPEATED)
def test_what_is_tried_again(view: View, reason: str) -> None:
    status = decide(view).status

    assert status is not None
    assert (status.phase, status.reason) == (view.execution.status.phase, Reason(reason))
    last = status.attempts[-1]
    assert (last.reason, last.finished_at) == (Reason(reason), NOW)


EVICTED = an_ended_pod(is_disrupted=True)


@pytest.mark.parametrize(
    ("view", "is_repeated"),
    [
        pytest.param(a_view(running(), EVICTED), False, id="it may have run"),
        pytest.param(a_view(running(idempotent=True), EVICTED), True, id="it may run again"),
        pytest.param(
            a_view(an_execution(retryLimit=1), an_ended_pod(1)), True, id="it has a try left"
        ),
        pytest.param(
            a_view(an_execution(retryLimit=1, attempts=[failed(1)]), an_ended_pod(2)),
            False,
            id="it was tried often enough",
        ),
    ],
)
def test_whether_a_lost_attempt_is_repeated(view: View, is_repeated: bool) -> None:
    status = decide(view).status

    assert status is not None
    assert status.phase.is_final is not is_repeated


def test_a_repeat_waits_twice_as_long_each_time() -> None:
    config = OperatorConfig(retry_backoff_seconds=8)
    attempts = [failed(1), failed(2)]
    view = a_view(an_execution(attempts=attempts), config=config, holds_slot=False)

    assert decide(view).look_again_at == NOW + seconds(6)
    assert decide(view).start is None


def test_a_repeat_is_a_pod_of_the_next_number() -> None:
    view = a_view(an_execution(attempts=[failed(1)]), an_ended_pod(1), now=LATER)

    assert decide(view).start == 2


LIVING = [
    pytest.param(a_view(an_execution(), a_pod()), id="starting"),
    pytest.param(a_view(running(), a_pod()), id="running"),
    pytest.param(a_view(running(), a_pod(kernel=ended())), id="the runner saves and uploads"),
    pytest.param(
        a_view(running(), a_pod(runner=ended(), result=DIED)), id="the kernel has 3 s to follow"
    ),
    pytest.param(
        a_view(an_execution(attempts=[failed(1)]), a_pod(1, deletion_at=LATER), now=LATER),
        id="given up, but something of it still runs",
    ),
    pytest.param(
        a_view(running(), a_pod(deletion_at=NOW - seconds(10))), id="terminating, within patience"
    ),
]


@pytest.mark.parametrize("view", LIVING)
def test_nothing_is_done_while_something_runs(view: View) -> None:
    decision = decide(view)

    assert (decision.status, decision.start) == (None, None)
    assert decision.delete == decision.end_at_once == ()


@pytest.mark.parametrize("phase", sorted(FINAL))
@pytest.mark.parametrize("pods", [[], [a_pod()], [an_ended_pod(result=COMPLETED)]])
def test_a_final_phase_never_changes(phase: Phase, pods: list[Any]) -> None:
    decision = decide(a_view(an_execution(phase=phase, finished_at=NOW), *pods))

    assert (decision.status, decision.start) == (None, None)


def test_an_execution_that_is_being_deleted_is_left_alone() -> None:
    assert decide(a_view(an_execution(deleted=True))).start is None


def test_without_a_slot_there_is_no_pod_and_no_write() -> None:
    decision = decide(a_view(an_execution(), holds_slot=False))

    assert (decision.start, decision.status, decision.wants_slot) == (None, None, True)


def test_a_missing_notebook_is_waited_for() -> None:
    decision = decide(a_view(an_execution(queueTimeoutSeconds=100), has_notebook=False))

    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == (
        Phase.QUEUED,
        Reason.NOTEBOOK_NOT_FOUND,
    )
    assert decision.look_again_at == CREATED + seconds(100)


def test_what_is_waited_for_is_written_once() -> None:
    waiting = an_execution(reason=Reason.NOTEBOOK_NOT_FOUND)

    assert decide(a_view(waiting, has_notebook=False)).status is None


def test_no_pod_is_made_while_pods_cannot_reach_the_intake() -> None:
    decision = decide(a_view(an_execution(), paused_until=LATER))

    assert decision.start is None
    assert decision.status is not None
    assert decision.status.reason is Reason.INTAKE_UNAVAILABLE
    assert decision.look_again_at == LATER


def test_a_pod_that_is_not_in_the_cache_is_looked_for_before_it_counts_as_lost() -> None:
    assert decide(a_view(running())).rests_on_absence


@pytest.mark.parametrize("moment", [NOW, LATER])
def test_every_moment_to_look_again_lies_ahead(moment: datetime) -> None:
    """A moment in the past would make a busy loop."""
    views = [
        a_view(running(idempotent=True), a_pod(), now=moment),
        a_view(an_execution(attempts=[claimed(finished_at=NOW)]), now=moment),
        a_view(an_execution(attempts=[claimed(finished_at=NOW)]), holds_slot=False, now=moment),
    ]
    moments = [decide(view).look_again_at for view in views]

    assert all(m is None or m > moment for m in moments)


def test_every_rule_says_what_it_means() -> None:
    assert all(rule.__doc__ for rule in RULES)
