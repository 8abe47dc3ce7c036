"""When pods are deleted, and which of them get the time to save."""

from dataclasses import replace

import pytest

from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult
from podbook_operator.config import OperatorConfig
from podbook_operator.rules.decide import decide
from podbook_operator.rules.deletions import SHORTEST_GRACE_SECONDS
from podbook_operator.rules.view import View
from tests.support.views import (
    NOW,
    a_pod,
    a_view,
    an_ended_pod,
    an_execution,
    ended,
    failed,
    running,
    seconds,
)

DIED = RunResult(reason=Reason.KERNEL_DIED)
FINISHED = an_execution(phase=Phase.FAILED, finished_at=NOW - seconds(10))

# Nothing is to be saved of these: each sits there with a kernel that does not go by itself.
LEFT_KERNEL = a_pod(runner=ended(at=NOW - seconds(3)), result=DIED)
DELETED_KERNEL = a_pod(runner=ended(at=NOW - seconds(3)), deletion_at=NOW + seconds(20))
ENDED_AT_ONCE = [
    pytest.param(a_view(running(), LEFT_KERNEL), id="it outlives its runner"),
    pytest.param(a_view(FINISHED, LEFT_KERNEL), id="it outlives the whole execution"),
    pytest.param(
        a_view(running(cancel=True), DELETED_KERNEL),
        id="cancelled, and the runner has saved already",
    ),
    pytest.param(
        a_view(an_execution(startTimeoutSeconds=20), a_pod()), id="it never came to listen"
    ),
    pytest.param(
        a_view(an_execution(), a_pod(kernel=ended(137, at=NOW - seconds(3)))),
        id="it ended before the claim, which its runner waits to make",
    ),
    pytest.param(a_view(an_execution(cancel=True), a_pod()), id="cancelled before the claim"),
    pytest.param(
        a_view(an_execution(queueTimeoutSeconds=60, attempts=[failed(1)]), a_pod(1)),
        id="given up when the time to wait was over",
    ),
    pytest.param(
        a_view(an_execution(attempts=[failed(1)]), a_pod(1)),
        id="given up by an operator that was killed before it deleted the pod",
    ),
]


@pytest.mark.parametrize("view", ENDED_AT_ONCE)
def test_a_pod_of_which_nothing_is_to_be_saved_is_ended_at_once(view: View) -> None:
    decision = decide(view)

    assert decision.end_at_once == view.pods
    assert (decision.delete, decision.start) == ((), None)


@pytest.mark.parametrize("view", ENDED_AT_ONCE)
def test_what_is_being_ended_at_once_is_not_ended_again(view: View) -> None:
    (pod,) = view.pods
    ending = replace(pod, deletion_at=NOW, deletion_grace_seconds=SHORTEST_GRACE_SECONDS)
    again = a_view(view.execution, ending)

    assert decide(again).end_at_once == decide(again).delete == ()


def test_a_kernel_has_three_seconds_to_follow_its_runner() -> None:
    pod = a_pod(runner=ended(at=NOW - seconds(2)), result=DIED)

    for execution in (running(), FINISHED):
        decision = decide(a_view(execution, pod))
        assert decision.end_at_once == decision.delete == ()
        assert decision.look_again_at == NOW + seconds(1)


def test_a_runner_whose_kernel_ended_before_the_claim_is_not_waited_for() -> None:
    pod = a_pod(kernel=ended(137, at=NOW - seconds(3)))
    decision = decide(a_view(an_execution(), pod))

    assert decision.status is not None
    assert decision.status.attempts[-1].reason is Reason.START_FAILED


def test_a_runner_whose_kernel_died_has_time_to_upload_and_no_more() -> None:
    config = OperatorConfig(upload_seconds=100)
    fresh = a_pod(kernel=ended(137, at=NOW - seconds(99)))
    stuck = a_pod(kernel=ended(137, at=NOW - seconds(100)))

    assert decide(a_view(running(), fresh, config=config)).look_again_at == NOW + seconds(1)
    assert decide(a_view(running(), stuck, config=config)).delete == (stuck,)


def test_a_cancelled_run_gets_the_time_to_save() -> None:
    pod = a_pod()
    decision = decide(a_view(running(cancel=True), pod))

    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == (Phase.RUNNING, Reason.CANCELLING)
    assert decision.delete == (pod,)


def test_a_late_pod_of_a_final_execution_is_deleted() -> None:
    execution = an_execution(phase=Phase.FAILED, finished_at=NOW - seconds(10))
    pod = a_pod()

    assert decide(a_view(execution, pod)).delete == (pod,)


def test_an_ended_pod_is_kept_for_its_logs_and_then_deleted() -> None:
    execution = an_execution(phase=Phase.SUCCEEDED, finished_at=NOW)
    config = OperatorConfig(pod_retention_seconds=60)
    pod = an_ended_pod()

    assert decide(a_view(execution, pod, config=config)).look_again_at == NOW + seconds(60)
    assert decide(a_view(execution, pod, config=config, now=NOW + seconds(60))).delete == (pod,)


def test_no_pod_is_deleted_whose_end_is_not_written_down() -> None:
    config = OperatorConfig(pod_retention_seconds=0)
    view = a_view(an_execution(), an_ended_pod(kernel=ended(1)), config=config)

    assert decide(view).delete == ()
