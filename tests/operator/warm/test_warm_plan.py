"""How many pods wait for calls of a notebook, and which of them go."""

from datetime import timedelta
from typing import Any

import pytest

from podbook_crds.names import WARM_IDLE
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.pod.state import PodState
from podbook_operator.warm.plan import Plan, Pool, plan
from tests.support.views import NOW, a_pod, ended, seconds


def waiting(number: int = 1, **fields: Any) -> PodState:
    """A pod that waits for a call."""
    usual = {"warm": WARM_IDLE, "pool": "now", "is_prepared": True, "execution_uid": ""}
    return a_pod(number, **{**usual, **fields})


def planned(*pods: PodState, warm: Warm | None = None, **fields: Any) -> Plan:
    usual = {"start_timeout_seconds": 300, "room": 100}
    return plan(Pool(warm or Warm(min=2), "now", pods, NOW, **{**usual, **fields}))


def test_as_many_are_made_as_the_least_says() -> None:
    assert planned().make == 2
    assert planned(waiting(1)).make == 1
    enough = planned(waiting(1), waiting(2))
    assert (enough.make, enough.delete, enough.is_short) == (0, (), False)


@pytest.mark.parametrize(("calls", "wanted"), [(0, 1), (1, 1), (3, 3), (9, 4)])
def test_calls_of_the_last_minute_are_what_is_kept_within_bounds(calls: int, wanted: int) -> None:
    starts = tuple(NOW - seconds(20 - n) for n in range(calls))

    assert planned(warm=Warm(min=1, max=4), starts=starts).make == wanted


def test_calls_of_before_that_keep_none() -> None:
    pods, old = [waiting(1), waiting(2)], (NOW - seconds(61), NOW - seconds(70))

    assert planned(*pods, warm=Warm(), starts=old).delete == tuple(pods)


def test_what_is_kept_for_calls_is_looked_at_again_when_they_are_a_minute_old() -> None:
    start = NOW - seconds(50)

    assert planned(waiting(1), warm=Warm(), starts=(start,)).look_again_at == start + seconds(60)


@pytest.mark.parametrize(
    "useless",
    [
        {"pool": "of another version"},
        {"is_prepared": False},
        {"kernel": ended(1)},
        {"kernel": ended(), "runner": ended(), "phase": "Failed"},
        {"created": NOW - timedelta(hours=2)},
        {"is_prepared": None, "scheduled_at": NOW - seconds(301)},
    ],
)
def test_a_pod_of_no_use_goes_and_another_comes(useless: dict[str, Any]) -> None:
    pod = waiting(1, **useless)

    found = planned(pod, waiting(2))

    assert (found.delete, found.make) == ((pod,), 1)


def test_one_that_is_going_already_is_not_deleted_again() -> None:
    found = planned(waiting(1, deletion_at=NOW + seconds(30)), warm=Warm(min=1))

    assert (found.delete, found.make) == ((), 1)


def test_the_ages_of_a_pool_end_apart() -> None:
    ends = {planned(waiting(n), warm=Warm(min=1)).look_again_at for n in range(10)}

    assert len(ends) == 10


def test_a_burst_is_answered_before_new_pods_want_the_same_processors() -> None:
    just_now, soon = (NOW - seconds(0.1),), NOW + seconds(0.4)

    first = planned(warm=Warm(min=1), starts=just_now)

    assert (first.make, first.look_again_at, first.is_short) == (0, soon, True)
    assert planned(warm=Warm(min=1), starts=just_now, short_since=NOW - seconds(2)).make == 1


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (4, 8), (20, 60), (5000, 60)])
def test_what_does_not_come_to_wait_is_tried_again_later_and_later(
    failures: int, minutes: int
) -> None:
    pause = timedelta(minutes=minutes)

    early = planned(failures=failures, failed_at=NOW - pause + seconds(1))
    due = planned(failures=failures, failed_at=NOW - pause)

    assert (early.make, early.look_again_at) == (0, NOW + seconds(1))
    assert due.make == 2


def test_there_are_never_more_than_there_is_room_for() -> None:
    found = planned(warm=Warm(min=4), room=1)

    assert (found.make, found.is_short) == (1, True)
