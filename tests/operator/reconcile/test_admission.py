"""Pods that cannot reach the intake are not made over and over."""

from podbook_operator.reconcile.pause import Admission
from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Operator,
    cancel,
    configure,
    execution,
    pods,
    submit,
    until_final,
    until_reason,
)
from rig.until import until
from tests.support.views import NOW, seconds


def failing(times: int) -> Admission:
    admission = Admission()
    for _ in range(times):
        admission.could_not_reach_intake(NOW, pause_seconds=30)
    return admission


def test_the_third_failure_in_a_row_pauses() -> None:
    assert failing(2).paused_until(NOW) is None
    assert failing(3).paused_until(NOW) == NOW + seconds(30)


def test_a_claim_in_between_begins_the_count_anew() -> None:
    admission = failing(2)
    admission.was_claimed(NOW + seconds(1))
    admission.could_not_reach_intake(NOW + seconds(2), pause_seconds=30)

    assert admission.paused_until(NOW + seconds(2)) is None


def test_a_claim_from_before_the_intake_went_away_does_not_end_the_pause() -> None:
    admission = failing(3)
    admission.was_claimed(NOW - seconds(1))

    assert admission.paused_until(NOW) == NOW + seconds(30)


def test_after_the_pause_one_failure_is_enough() -> None:
    admission = failing(3)
    later = NOW + seconds(30)
    assert admission.paused_until(later) is None

    admission.could_not_reach_intake(later, pause_seconds=30)

    assert admission.paused_until(later) == later + seconds(30)


async def test_while_the_intake_is_away_nothing_new_is_started_and_nothing_fails(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    await configure(cluster, operator, {**CONFIG, "slots": {"total": 1}, "pauseSeconds": 2})
    submit(cluster, "tries", notebook="no-intake", retryLimit=0)
    paused = await until_reason(cluster, "tries", "IntakeUnavailable")
    await until(lambda: len(execution(cluster, "tries")["status"]["attempts"]) == 3)
    submit(cluster, "waits")
    waiting = await until_reason(cluster, "waits", "IntakeUnavailable")

    assert (paused["phase"], waiting["phase"]) == ("Queued", "Queued")
    assert pods(cluster) == []
    cancel(cluster, "tries")
    assert (await until_final(cluster, "waits"))["phase"] == "Succeeded"
