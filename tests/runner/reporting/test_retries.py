"""An intake that is down is asked again and again, with longer and longer pauses."""

import math

import pytest

from podbook_runner.reporting import retries
from podbook_runner.reporting.retries import tries


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(retries, "time", clock)
    return clock


def test_an_outage_of_minutes_is_waited_out_without_a_storm(clock: Time) -> None:
    for _ in tries(lambda: math.inf):
        if clock.now > 300:
            break

    assert 60 <= len(clock.pauses) <= 140
    assert max(clock.pauses) <= retries.LONGEST_PAUSE_SECONDS
    assert clock.pauses[0] <= retries.FIRST_PAUSE_SECONDS
    assert len(set(clock.pauses)) == len(clock.pauses)  # Jittered: pods do not ask in step.


def test_there_is_always_one_try_and_none_after_the_time_is_over(clock: Time) -> None:
    assert list(tries(lambda: -1.0)) == [0]
    assert clock.pauses == []


def test_the_time_may_become_shorter_meanwhile(clock: Time) -> None:
    ends = [math.inf, math.inf, 0.0]

    assert list(tries(lambda: ends.pop(0))) == [0, 1, 2]
