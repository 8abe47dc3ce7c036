"""What Prometheus is told."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Attempt, Execution
from podbook_crds.resources.webhook import Delivery, DeliveryState

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400)
# Prometheus keeps a series for each that is shown.
_NOTEBOOKS = 200

# Numbers that are read whenever they are asked for.
GAUGES: Final = {
    "executions_queued": "Executions that are Queued, as the operator knows.",
    "executions_running": "Executions that are Running, as the operator knows.",
    "slots_held": "Kernels that run or start.",
    "slots_waited_for": "Executions without a slot.",
    "queue_length": "Executions that the operator has to see to: its own work.",
    "warm_pods": "Pods that wait for calls.",
    "webhooks_owed": "Ends that somebody waits to be told of.",
}


class Metrics:
    """The operator's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._finished = self._counter(
            "executions_finished", "Executions that ended.", "phase reason"
        )
        self._of_notebooks = self._counter(
            "notebook_executions_finished",
            f"The same by notebook; beyond {_NOTEBOOKS} of them as (others).",
            "namespace notebook phase",
        )
        self._notebooks: set[tuple[str, str]] = set()
        self._attempts = self._counter("attempts", "Pods of executions that ended.", "reason")
        self._calls = self._counter(
            "api_calls", "Calls of the Kubernetes API; status 0: no answer.", "verb status"
        )
        self._failures = self._counter(
            "reconcile_failures", "Passes over an execution that have to be made again."
        )
        self._tries = self._counter(
            "webhook_tries", "Tries to tell a webhook; status 0: no answer.", "status"
        )
        self._deliveries = self._counter(
            "webhook_deliveries", "Webhooks that were Delivered, or given up on (Failed).", "state"
        )
        self._start = self._histogram(
            "execution_start_seconds", "From the creation of an execution to its claim by a pod."
        )
        self._run = self._histogram(
            "execution_run_seconds", "From the start of its cells to their end."
        )
        self._pass = self._histogram("reconcile_seconds", "One pass over one execution.")

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Show one of the GAUGES, by how it is read."""
        gauge = Gauge(f"podbook_{name}", GAUGES[name], registry=self._registry)
        gauge.set_function(read)

    def call(self, verb: str, status: int) -> None:
        """Count a request to the Kubernetes API."""
        self._calls.labels(verb, str(status)).inc()

    def reconciled(self, seconds: float, *, failed: bool) -> None:
        """Count one pass."""
        self._pass.observe(seconds)
        if failed:
            self._failures.inc()

    def note(self, execution: Execution, before: Phase | None) -> None:
        """Count a change of state; the end counts once, and only if its beginning was seen."""
        status = execution.status
        if not status.phase.is_final or before is None:
            return
        self._finished.labels(status.phase.value, str(status.reason)).inc()
        self._of_notebooks.labels(*self._shown(execution), status.phase.value).inc()
        for attempt in status.attempts:
            self._attempts.labels(str(attempt.reason)).inc()
        claimed_at = _first_claim(status.attempts)
        if claimed_at is not None:
            self._start.observe(_between(datetime.fromisoformat(execution.created), claimed_at))
        if status.started_at is not None and status.finished_at is not None:
            self._run.observe(_between(status.started_at, status.finished_at))

    def webhook(self, delivery: Delivery) -> None:
        """Count a try to tell a webhook, and its delivery's end."""
        self._tries.labels(str(delivery.response_status or 0)).inc()
        if delivery.state is not DeliveryState.PENDING:
            self._deliveries.labels(delivery.state.value).inc()

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _shown(self, execution: Execution) -> tuple[str, str]:
        """Return namespace and notebook, of no more than so many: callers may name any."""
        named = execution.namespace, execution.spec.notebook.name or "(comes along)"
        if len(self._notebooks) < _NOTEBOOKS:
            self._notebooks.add(named)
        return named if named in self._notebooks else ("", "(others)")

    def _counter(self, name: str, what: str, labels: str = "") -> Counter:
        return Counter(f"podbook_{name}", what, labels.split(), registry=self._registry)

    def _histogram(self, name: str, what: str) -> Histogram:
        return Histogram(f"podbook_{name}", what, buckets=_SECONDS, registry=self._registry)


def _first_claim(attempts: list[Attempt]) -> datetime | None:
    return next((a.claimed_at for a in attempts if a.claimed_at is not None), None)


def _between(start: datetime, end: datetime) -> float:
    """Two clocks may disagree by a little."""
    return max((end - start).total_seconds(), 0.0)
