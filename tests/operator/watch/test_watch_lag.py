"""How a watch that delivers nothing is noticed."""

from podbook_operator.cluster import EVENTS, PODS
from podbook_operator.watch.watch_lag import Expectations


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_state_that_was_written_is_owed_until_the_watch_brings_it() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.expect(PODS, "default", "10")
    clock.now = 100

    assert expectations.overdue(90) == ["pods of default"]
    expectations.deliver(PODS, "default", "10")
    assert expectations.overdue(90) == []


def test_what_was_already_delivered_is_not_owed() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.deliver(PODS, "default", "11")
    expectations.expect(PODS, "default", "10")
    clock.now = 100

    assert expectations.overdue(90) == []


def test_a_watch_that_stops_halfway_is_noticed_from_then_on() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.expect(PODS, "default", "10")
    expectations.expect(PODS, "default", "12")
    clock.now = 80
    expectations.deliver(PODS, "default", "10")

    clock.now = 100
    assert expectations.overdue(90) == []
    clock.now = 171
    assert expectations.overdue(90) == ["pods of default"]


def test_other_namespaces_do_not_hide_a_dead_watch() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.expect(PODS, "default", "10")
    expectations.deliver(PODS, "other", "20")
    clock.now = 100

    assert expectations.overdue(90) == ["pods of default"]


def test_what_a_list_no_longer_has_is_not_owed_any_more() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.expect(PODS, "default", "10")
    clock.now = 100

    expectations.listed(PODS, "default", [])

    assert expectations.overdue(90) == []


def test_what_a_list_has_is_owed_by_the_watch() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.listed(PODS, None, [{"namespace": "default", "resourceVersion": "10"}])
    clock.now = 100

    assert expectations.overdue(90) == ["pods of default"]


def test_nothing_is_owed_where_nothing_is_watched() -> None:
    clock = Clock()
    expectations = Expectations(clock)
    expectations.expect(EVENTS, "default", "10")
    clock.now = 100

    assert expectations.overdue(90) == []
