"""When a webhook is tried again, and when it is given up on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from podbook_crds.resources.execution import Execution
from podbook_crds.resources.webhook import DeliveryState
from podbook_operator.config import WebhookConfig
from podbook_operator.notifications.webhooks.delivery import Outcome, after, is_pending, payload

END = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONFIG = WebhookConfig()


def an_execution(**status: Any) -> Execution:
    return Execution(
        namespace="default",
        name="run",
        uid="u",
        spec={"notebook": {"name": "sales"}, "webhook": {"url": "https://example.com"}},
        status={
            "phase": "Succeeded",
            "reason": "NotebookCompleted",
            "finishedAt": END.isoformat(),
            **status,
        },
    )


@pytest.mark.parametrize(
    ("execution", "pending"),
    [
        pytest.param(an_execution(), True, id="just ended"),
        pytest.param(an_execution(phase="Running"), False, id="still running"),
        pytest.param(an_execution(webhook={"state": "Pending"}), True, id="tried in vain"),
        pytest.param(an_execution(webhook={"state": "Delivered"}), False, id="told"),
        pytest.param(an_execution(webhook={"state": "Failed"}), False, id="given up on"),
    ],
)
def test_pending(execution: Execution, pending: bool) -> None:
    assert is_pending(execution) is pending


def test_pauses_grow_to_six_hours_and_a_day_after_the_end_it_is_over() -> None:
    now, execution, pauses = END, an_execution(), []
    while True:
        delivery = after(execution, Outcome(status=500), now=now, config=CONFIG)
        execution = an_execution(webhook=delivery.to_wire())
        if delivery.next_attempt_at is None:
            break
        pauses.append((delivery.next_attempt_at - now).total_seconds())
        now = delivery.next_attempt_at

    assert pauses == [5, 15, 45, 135, 405, 1215, 3645, 10935, 21600, 21600, 21600]
    assert now < END + timedelta(days=1)
    assert delivery.state is DeliveryState.FAILED
    assert delivery.attempts == 12


def test_what_cannot_help_is_not_tried_again() -> None:
    outcome = Outcome(message="no secret", is_hopeless=True)

    delivery = after(an_execution(), outcome, now=END, config=CONFIG)

    assert (delivery.state, delivery.message) == (DeliveryState.FAILED, "no secret")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_every_200_is_a_delivery(status: int) -> None:
    delivery = after(an_execution(), Outcome(status=status), now=END, config=CONFIG)

    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.DELIVERED, None)


def test_the_payload_names_the_address_that_the_api_noted() -> None:
    execution = an_execution()
    noted = execution.model_copy(update={"annotations": {"podbook.dev/url": "https://here/x"}})

    assert b'"url":"https://here/x"' in payload(noted, "https://configured/")
    assert b'"url":"https://configured/v1/executions/run"' in payload(
        execution, "https://configured/"
    )
