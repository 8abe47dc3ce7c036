"""Tells the one who asked for it that an execution is final: https://www.standardwebhooks.com.

At least once, and the same message id each time. That it was told stands in the execution's
conditions, so that a restart neither forgets nor repeats it.
"""

import base64
import json
import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from standardwebhooks import Webhook

from podbook_crds import names
from podbook_crds.errors import ClusterUnavailable, Conflict
from podbook_crds.execution import Execution
from podbook_crds.notebook import Condition
from podbook_operator.cluster import EXECUTIONS, SECRETS, Cluster
from podbook_operator.keys import Key
from podbook_operator.outbound import Outbound, Unreachable

log = logging.getLogger(__name__)

DELIVERED: Final = "WebhookDelivered"
# With the queue's pauses that is about five minutes.
TRIES: Final = 12
# In the Secret; a value as the standard writes it, with or without whsec_.
_SECRET_KEY: Final = "secret"


class Webhooks:
    """Works on one execution at a time; the queue repeats what fails."""

    def __init__(
        self,
        cluster: Cluster,
        outbound: Outbound,
        *,
        now: Callable[[], datetime],
        failures: Callable[[Key], int],
    ) -> None:
        self._cluster = cluster
        self._outbound = outbound
        self._now = now
        self._failures = failures

    async def deliver(self, key: Key) -> None:
        """Tell of the end, if that is still to be done; raises where it has to be tried again."""
        found = await self._cluster.get(EXECUTIONS, key.namespace, key.name)
        if found is None or found["metadata"]["uid"] != key.uid:
            return
        execution = Execution.from_resource(found)
        if not is_due(execution):
            return
        problem = await self._sent(key, execution)
        await self._record(execution, problem)
        log.info("%s: webhook %s", key, problem or "delivered")

    async def _sent(self, key: Key, execution: Execution) -> str:
        """Send it; return why it never will be, or nothing where it was."""
        webhook = execution.spec.webhook
        assert webhook is not None  # is_due.
        headers = {"Content-Type": "application/json"}
        body = json.dumps(message(execution))
        if webhook.secret_ref is not None:
            secret = await self._secret(execution.namespace, webhook.secret_ref.name)
            if secret is None:
                name = webhook.secret_ref.name
                return f"not sent: no Secret '{name}' with the label {names.WEBHOOK_LABEL}"
            headers |= signature(secret, execution.uid, self._now(), body)
        try:
            status = await self._outbound.post(webhook.url, body, headers)
        except Unreachable as error:
            return self._later_or_never(key, str(error))
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return ""
        return self._later_or_never(key, f"the receiver answered {status}")

    def _later_or_never(self, key: Key, problem: str) -> str:
        if self._failures(key) + 1 < TRIES:
            raise ClusterUnavailable(f"webhook: {problem}")
        return f"given up after {TRIES} tries: {problem}"

    async def _secret(self, namespace: str, name: str) -> str | None:
        found = await self._cluster.get(SECRETS, namespace, name)
        if found is None or names.WEBHOOK_LABEL not in (found["metadata"].get("labels") or {}):
            return None
        value = (found.get("data") or {}).get(_SECRET_KEY)
        return base64.b64decode(value).decode() if value else None

    async def _record(self, execution: Execution, problem: str) -> None:
        condition = Condition(
            type=DELIVERED,
            status="False" if problem else "True",
            reason="GivenUp" if problem else "Delivered",
            message=problem[: names.MESSAGE_LIMIT],
            last_transition_time=self._now(),
            observed_generation=execution.generation,
        )
        conditions = [*execution.status.conditions, condition]
        status = execution.status.model_copy(update={"conditions": conditions})
        try:
            await self._cluster.write_status(
                EXECUTIONS,
                execution.namespace,
                execution.name,
                version=execution.resource_version,
                status=status.to_wire(),
            )
        except Conflict as error:
            raise ClusterUnavailable(f"webhook: {error}") from error


def is_due(execution: Execution) -> bool:
    """Tell whether somebody asked to be told of the end, and was not yet."""
    told = any(condition.type == DELIVERED for condition in execution.status.conditions)
    return execution.spec.webhook is not None and execution.status.phase.is_final and not told


def message(execution: Execution) -> dict[str, Any]:
    """Return what is told: the execution's status, and which execution it is."""
    status = execution.status.to_wire()
    return {
        "type": "execution.finished",
        "timestamp": status.get("finishedAt"),
        "data": {
            "id": execution.name,
            "namespace": execution.namespace,
            "uid": execution.uid,
            "notebook": execution.spec.notebook.name,
            **{key: value for key, value in status.items() if key != "conditions"},
        },
    }


def signature(secret: str, uid: str, now: datetime, body: str) -> dict[str, str]:
    """Return the standard's headers."""
    identifier = f"msg_{uid}"
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(identifier, now, body),
    }
