"""What a webhook says, when it is tried again, and what a try means: no I/O, no clock."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from podbook_crds import names
from podbook_crds.backoff import pause
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.webhook import Delivery, DeliveryState
from podbook_operator.config import WebhookConfig

TYPE: Final = "execution.finished"
_FACTOR: Final = 3
_MESSAGE_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try: the receiver's HTTP status, or why there is none.

    is_hopeless says that no further try can end otherwise.
    """

    status: int | None = None
    message: str = ""
    is_hopeless: bool = False

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it: any status of the 200s."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004


def is_pending(execution: Execution) -> bool:
    """Tell whether somebody is still to be told that the execution is final."""
    if execution.spec.webhook is None or not execution.status.phase.is_final:
        return False
    if execution.status.reason is Reason.RESTORED:
        return False  # Whoever was to be told was told of the run itself.
    delivery = execution.status.webhook
    return delivery is None or delivery.state is DeliveryState.PENDING


def due(execution: Execution) -> datetime | None:
    """Return when the next try is due; None is at once."""
    delivery = execution.status.webhook
    return None if delivery is None else delivery.next_attempt_at


def payload(execution: Execution, api_url: str) -> bytes:
    """Return the body: what ended and how, and where the rest of it is."""
    status = execution.status
    path = f"{api_url.rstrip('/')}/v1/executions/{execution.name}"
    notebook = execution.annotations.get(names.NOTEBOOK_ID_ANNOTATION)
    body: dict[str, Any] = {
        "type": TYPE,
        "timestamp": None if status.finished_at is None else micro_time(status.finished_at),
        "data": {
            "id": execution.name,
            "notebook": notebook or execution.spec.notebook.name,
            "phase": status.phase.value,
            "reason": None if status.reason is None else status.reason.value,
            "url": execution.annotations.get(names.URL_ANNOTATION) or path,
        },
    }
    return json.dumps(body, separators=(",", ":")).encode()


def after(
    execution: Execution, outcome: Outcome, *, now: datetime, config: WebhookConfig
) -> Delivery:
    """Return where the delivery stands after a try."""
    before = execution.status.webhook or Delivery()
    following = now + _pause(before.attempts, config)
    end = (execution.status.finished_at or now) + timedelta(seconds=config.window_seconds)
    state = DeliveryState.DELIVERED if outcome.is_delivered else DeliveryState.PENDING
    if not outcome.is_delivered and (outcome.is_hopeless or following > end):
        state = DeliveryState.FAILED
    return Delivery(
        state=state,
        attempts=before.attempts + 1,
        last_attempt_at=now,
        next_attempt_at=following if state is DeliveryState.PENDING else None,
        response_status=outcome.status,
        message=outcome.message[:_MESSAGE_LIMIT],
    )


def _pause(attempts: int, config: WebhookConfig) -> timedelta:
    """Return what the next try waits after so many that came before this one."""
    first, longest = config.retry_backoff_seconds, config.retry_backoff_limit_seconds
    return timedelta(seconds=pause(attempts + 1, first=first, longest=longest, factor=_FACTOR))
