"""Tells those who asked that an execution is final: at least once, across restarts.

What was tried and when the next try is due stands in the execution's status, so that the sweep of
a new leader finds every delivery that is owed. Nothing keeps an execution from being deleted; with
it goes the delivery.
"""

import asyncio
import base64
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from podbook_crds.errors import Conflict, PodbookError
from podbook_crds.names import WEBHOOK_LABEL
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.webhook import SECRET_KEY, Delivery
from podbook_operator.cluster import EXECUTIONS, SECRETS, Cluster
from podbook_operator.config import WebhookConfig
from podbook_operator.notifications.webhooks.delivery import (
    Outcome,
    after,
    due,
    is_pending,
    payload,
)
from podbook_operator.notifications.webhooks.sender import send
from podbook_operator.watch.cache import key_of
from podbook_operator.watch.queue_keys import Key

log = logging.getLogger(__name__)

_AT_ONCE: Final = 8
# After an error on our side: the cluster did not answer, the status could not be written.
_PAUSE: Final = timedelta(seconds=2)
_LONG_PAUSE: Final = timedelta(minutes=5)
_CONFLICTS: Final = 5


class Webhooks:
    """Delivers what is due, a few at a time, each execution's own one after the other."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        now: Callable[[], datetime],
        config: Callable[[], WebhookConfig],
        on_tried: Callable[[Delivery], None],
        on_settled: Callable[[Execution], None],
    ) -> None:
        self._cluster = cluster
        self._now = now
        self._config = config
        # Told of where a delivery stands after each try.
        self._on_tried = on_tried
        # Told of each execution whose delivery has come to an end.
        self._on_settled = on_settled
        self._due: dict[Key, datetime] = {}
        self._busy: set[Key] = set()
        self._changed = asyncio.Event()

    @property
    def owed(self) -> int:
        """How many executions have somebody who is still to be told."""
        return len(self._due) + len(self._busy)

    def note(self, execution: Execution) -> None:
        """An execution was seen that may be final; whether somebody is to be told stands in it."""
        if is_pending(execution):
            self._plan(key_of(execution), due(execution) or self._now())

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as tries:
            while True:
                await self._wait()
                now = self._now()
                for key in [key for key, moment in self._due.items() if moment <= now]:
                    if len(self._busy) < _AT_ONCE:
                        del self._due[key]
                        self._busy.add(key)
                        tries.create_task(self._guarded(key))

    def _plan(self, key: Key, moment: datetime) -> None:
        if key not in self._busy:
            self._due[key] = min(moment, self._due.get(key, moment))
            self._changed.set()

    async def _wait(self) -> None:
        """Return when something is due and may be tried, or the plan has changed."""
        seconds = None
        if self._due and len(self._busy) < _AT_ONCE:
            seconds = max(0.0, (min(self._due.values()) - self._now()).total_seconds())
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return
        self._changed.clear()

    async def _guarded(self, key: Key) -> None:
        following: datetime | None = None
        try:
            following = await self._deliver(key)
        except PodbookError as error:
            log.warning("%s: webhook: %s", key, error)
            following = self._now() + _PAUSE
        except Exception:
            # What somebody wrote into a URL must not end the operator, again and again.
            log.exception("%s: webhook", key)
            following = self._now() + _LONG_PAUSE
        finally:
            self._busy.discard(key)
            self._changed.set()
        if following is not None:
            self._plan(key, following)

    async def _deliver(self, key: Key) -> datetime | None:
        """Try once and write down what came of it; return when to try again."""
        execution = await self._read(key)
        if execution is None or not is_pending(execution) or execution.spec.webhook is None:
            return None
        moment = due(execution)
        if moment is not None and moment > self._now():
            return moment
        outcome = await self._tried(execution)
        return await self._written(key, execution, outcome)

    async def _tried(self, execution: Execution) -> Outcome:
        webhook, config = execution.spec.webhook, self._config()
        if webhook is None or webhook.secret_ref is None:
            return Outcome(message="spec.webhook.secretRef is missing", is_hopeless=True)
        secret = await self._secret(execution.namespace, webhook.secret_ref.name)
        if isinstance(secret, Outcome):
            return secret
        return await send(
            webhook.url,
            payload(execution, config.api_url),
            secret=secret,
            # The same at every try: by it a receiver knows what it was told already.
            message_id=f"msg_{execution.uid}",
            now=self._now(),
            config=config,
        )

    async def _secret(self, namespace: str, name: str) -> str | Outcome:
        """Return the secret to sign with; the label is its owner's consent."""
        found = await self._cluster.get(SECRETS, namespace, name)
        if found is None:
            return Outcome(message=f"Secret {name!r} is not there")
        if WEBHOOK_LABEL not in (found["metadata"].get("labels") or {}):
            return Outcome(message=f"Secret {name!r} has no label {WEBHOOK_LABEL}")
        try:
            value = base64.b64decode((found.get("data") or {})[SECRET_KEY], validate=True)
            return value.decode().strip()
        except (KeyError, ValueError):
            return Outcome(message=f"Secret {name!r} has no text under {SECRET_KEY!r}")

    async def _written(self, key: Key, execution: Execution, outcome: Outcome) -> datetime | None:
        """Write where the delivery stands, whatever else changed meanwhile."""
        for _ in range(_CONFLICTS):
            delivery = after(execution, outcome, now=self._now(), config=self._config())
            try:
                written = await self._write(execution, delivery)
            except Conflict:
                read = await self._read(key)
                if read is None:
                    return None
                execution = read
                continue
            log.info("%s: webhook %s: %s", key, delivery.state, delivery.message or outcome.status)
            self._on_tried(delivery)
            if not is_pending(written):
                self._on_settled(written)
            return delivery.next_attempt_at
        raise Conflict(f"{key}: its status changes faster than it can be written")

    async def _write(self, execution: Execution, delivery: Delivery) -> Execution:
        status = execution.status.model_copy(update={"webhook": delivery})
        written = await self._cluster.write_status(
            EXECUTIONS,
            execution.namespace,
            execution.name,
            version=execution.resource_version,
            status=status.to_wire(),
        )
        return Execution.from_resource(written)

    async def _read(self, key: Key) -> Execution | None:
        found = await self._cluster.get(EXECUTIONS, key.namespace, key.name)
        if found is None or found["metadata"]["uid"] != key.uid:
            return None
        return Execution.from_resource(found)
