"""A pod on its way to its first cell: what is waited for, how long, and what is told meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_operator.pod.state import ContainerState, PodState, read
from podbook_operator.rules.attempts import retry_at
from podbook_operator.rules.decide import decide
from podbook_operator.rules.view import Decision
from tests.support.views import CREATED, NOW, a_pod, a_view, an_execution, claimed, failed, seconds

HOUR = timedelta(hours=1)
NOTHING = ContainerState()


def without_node(**fields: Any) -> PodState:
    pending = {"phase": "Pending", "kernel": NOTHING, "runner": NOTHING, "scheduled_at": None}
    return a_pod(**{"unschedulable": "0/3 nodes are available", **pending, **fields})


def pulls(reason: str, **fields: Any) -> PodState:
    waits = ContainerState(reason=reason, message="not found")
    return a_pod(**{"kernel": waits, "runner": NOTHING, **fields})


def is_left_alone(decision: Decision) -> bool:
    return decision.delete == decision.end_at_once == () and decision.start is None


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(without_node(), id="no node has room"),
        pytest.param(without_node(unschedulable=""), id="the scheduler has not looked yet"),
        pytest.param(without_node(unschedulable="", is_gated=True), id="behind a gate"),
    ],
)
def test_a_pod_without_a_node_only_queues(pod: PodState) -> None:
    execution = an_execution(startTimeoutSeconds=20, retryLimit=0)

    decision = decide(a_view(execution, pod, now=NOW + 20 * HOUR))

    assert is_left_alone(decision)
    assert decision.status is None or not decision.status.phase.is_final
    assert decision.look_again_at is not None


def test_why_it_has_no_node_is_told_once() -> None:
    told = decide(a_view(an_execution(), without_node())).status

    assert told is not None
    assert (told.phase, told.reason) == (Phase.QUEUED, Reason.UNSCHEDULABLE)
    assert "0/3 nodes are available" in told.message
    again = an_execution(reason=Reason.UNSCHEDULABLE)
    assert decide(a_view(again, without_node(unschedulable="0/4 nodes"))).status is None


def test_a_gate_is_told_as_one() -> None:
    told = decide(a_view(an_execution(), without_node(unschedulable="", is_gated=True))).status

    assert told is not None
    assert "scheduling gate" in told.message


@pytest.mark.parametrize("is_gated", [False, True])
def test_the_queue_timeout_ends_what_never_got_a_node(is_gated: bool) -> None:
    pod = without_node(is_gated=is_gated)

    decision = decide(a_view(an_execution(queueTimeoutSeconds=30), pod))

    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == (Phase.FAILED, Reason.QUEUE_TIMEOUT)
    assert decision.end_at_once == (pod,)
    assert [attempt.pod_uid for attempt in decision.status.attempts] == [pod.uid]


def test_the_repeat_of_a_run_has_the_queue_timeout_for_itself() -> None:
    ran = [claimed(finished_at=NOW - seconds(30), reason=Reason.NODE_LOST)]
    execution = an_execution(queueTimeoutSeconds=30, idempotent=True, attempts=ran)
    pod = without_node(number=2)

    assert is_left_alone(decide(a_view(execution, pod, now=pod.created + seconds(29))))
    late = decide(a_view(execution, pod, now=pod.created + seconds(31)))
    assert late.status is not None
    assert late.status.reason is Reason.QUEUE_TIMEOUT


def test_the_start_timeout_counts_from_the_node() -> None:
    execution = an_execution(startTimeoutSeconds=30)
    six_minutes_later = CREATED + seconds(360)
    pod = a_pod(created=CREATED, scheduled_at=six_minutes_later)

    decision = decide(a_view(execution, pod, now=six_minutes_later + seconds(29)))

    assert is_left_alone(decision)
    assert decision.look_again_at == six_minutes_later + seconds(30)
    late = decide(a_view(execution, pod, now=six_minutes_later + seconds(30)))
    assert late.end_at_once == (pod,)


def test_a_slot_without_a_node_is_given_back_where_others_wait() -> None:
    execution, pod = an_execution(retryLimit=0), without_node()
    late = pod.created + seconds(900)

    alone = decide(a_view(execution, pod, now=late))
    decision = decide(a_view(execution, pod, now=late, others_wait=True))

    assert is_left_alone(alone)
    assert decision.end_at_once == (pod,)
    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == (Phase.QUEUED, Reason.UNSCHEDULABLE)
    waits = a_view(execution.model_copy(update={"status": decision.status}), now=late)
    assert (retry_at(waits) or late) > late


def test_a_slot_behind_a_gate_is_kept() -> None:
    pod = without_node(is_gated=True)

    assert is_left_alone(decide(a_view(an_execution(), pod, now=NOW + HOUR, others_wait=True)))


def test_being_sent_back_is_no_failed_start() -> None:
    sent_back = [failed(number, reason=Reason.UNSCHEDULABLE) for number in range(1, 9)]
    execution = an_execution(retryLimit=1, startTimeoutSeconds=10, attempts=sent_back)

    status = decide(a_view(execution, a_pod(9))).status

    assert status is not None
    assert (status.phase, status.reason) == (Phase.QUEUED, Reason.START_TIMEOUT)


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"])
@pytest.mark.parametrize("container", ["kernel", "runner"])
def test_an_image_that_does_not_come_is_told_at_once(reason: str, container: str) -> None:
    waits = ContainerState(reason=reason, message="pull access denied")
    containers: dict[str, Any] = {"kernel": NOTHING, "runner": NOTHING, container: waits}
    pod = a_pod(**containers)

    decision = decide(a_view(an_execution(), pod, now=pod.created + seconds(2)))

    assert is_left_alone(decision)
    assert decision.status is not None
    assert (decision.status.phase, decision.status.reason) == (
        Phase.QUEUED,
        Reason.IMAGE_UNAVAILABLE,
    )
    assert f"{container}: {reason}: pull access denied" in decision.status.message
    assert decision.look_again_at == pod.created + seconds(300)


def test_an_image_that_does_not_come_fails_by_the_start_timeout() -> None:
    execution = an_execution(reason=Reason.IMAGE_UNAVAILABLE, startTimeoutSeconds=10, retryLimit=0)

    status = decide(a_view(execution, pulls("ImagePullBackOff"))).status

    assert status is not None
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.IMAGE_UNAVAILABLE)


@pytest.mark.parametrize("reason", [Reason.UNSCHEDULABLE, Reason.IMAGE_UNAVAILABLE])
def test_what_was_told_is_taken_back_once_it_is_over(reason: Reason) -> None:
    status = decide(a_view(an_execution(reason=reason), a_pod())).status

    assert status is not None
    assert (status.reason, status.message) == (Reason.POD_CREATED, "")


@pytest.mark.parametrize(
    ("conditions", "node", "scheduled", "gated"),
    [
        pytest.param([], "", False, False, id="nobody looked yet"),
        pytest.param([("False", "Unschedulable")], "", False, False, id="no room"),
        pytest.param([("False", "SchedulingGated")], "", False, True, id="gated"),
        pytest.param([("True", "")], "node-1", True, False, id="scheduled"),
        pytest.param([], "node-1", True, False, id="bound by hand"),
    ],
)
def test_what_a_pod_says_of_its_node(
    conditions: list[tuple[str, str]], node: str, scheduled: bool, gated: bool
) -> None:
    moment = "2026-01-01T00:06:00Z"
    stated = [
        {"type": "PodScheduled", "status": status, "reason": reason, "lastTransitionTime": moment}
        for status, reason in conditions
    ]
    pod = read(
        {
            "metadata": {
                "namespace": "default",
                "name": "nbx-1",
                "uid": "1",
                "creationTimestamp": "2026-01-01T00:00:00Z",
            },
            "spec": {"nodeName": node} if node else {},
            "status": {"conditions": stated},
        }
    )

    assert (pod.scheduled_at is not None, pod.is_gated) == (scheduled, gated)
    if ("True", "") in conditions:
        assert pod.scheduled_at == CREATED + seconds(360)
