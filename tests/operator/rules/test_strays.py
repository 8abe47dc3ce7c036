"""Two pods of one attempt, which a lost answer may have made: one is its own, the other goes."""

from datetime import datetime
from typing import Any

import pytest

from podbook_operator.rules.decide import decide
from tests.support.views import NOW, a_pod, a_view, an_ended_pod, an_execution, failed, running

GOING: datetime = NOW


@pytest.mark.parametrize(
    ("other", "ended_at_once"),
    [
        pytest.param({}, ["other"], id="it runs: it is ended at once"),
        pytest.param({"warm": "given"}, ["other"], id="it had waited for a call: no difference"),
        pytest.param({"deletion_at": GOING}, [], id="it is going already"),
        pytest.param({"attempt": 2}, [], id="it is another attempt's"),
    ],
)
def test_the_pod_that_claimed_stays_and_every_other_of_its_number_goes(
    other: dict[str, Any], ended_at_once: list[str]
) -> None:
    decision = decide(a_view(running(), a_pod(), a_pod(uid="other", **other)))

    assert [pod.uid for pod in decision.end_at_once] == ended_at_once
    assert decision.delete == ()
    assert decision.status is None


@pytest.mark.parametrize("warm", ["", "given"])
def test_one_that_ended_closes_nothing_while_another_of_its_number_lives(warm: str) -> None:
    twin = an_ended_pod(uid="other", warm=warm)

    unclaimed = decide(a_view(an_execution(), twin, a_pod(uid="lives")))
    assert unclaimed.status is None
    assert unclaimed.start is None
    claimed = decide(a_view(running(), a_pod(), twin))
    assert claimed.status is None


def test_what_waited_and_ended_unclaimed_is_followed_at_once_by_a_pod_of_the_next_number() -> None:
    view = a_view(an_execution(attempts=[failed(warm=True)]), holds_slot=True)

    assert decide(view).start == 2
