"""Writes the reference of the metrics, from what both parts tell once each has happened once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Final, cast

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from podbook_api.metrics import Metrics as ApiMetrics
from podbook_api.state.execution_index import ExecutionIndex
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import (
    Attempt,
    Execution,
    ExecutionSpec,
    ExecutionStatus,
    NotebookRef,
)
from podbook_crds.resources.webhook import Delivery, DeliveryState
from podbook_kube.reflector import Account, Reflector
from podbook_operator.process.metrics import GAUGES
from podbook_operator.process.metrics import Metrics as OperatorMetrics

_HEAD: Final = """\
# The metrics of Prometheus

Each pod of Podbook tells them at `/metrics` on its port 8080, without a token:
[operations](../how-to/operations.md#metrics) says how they are scraped, and which alerts and
dashboard come with the chart. Durations are in seconds. Beside these the API tells `process_*`,
what its process takes of processor, memory and files.
"""
# How a sample of the kind is called in Prometheus, where that is not the metric's own name.
_ENDS: Final = {"counter": "_total"}
_OWN: Final = "podbook_"
# Not labels of the metric, but of how its kind is told.
_OF_KINDS: Final = {"le", "quantile"}


def metrics() -> str:
    """Return the text of the document."""
    return _HEAD + "".join(
        f"\n## {part}\n\n| metric | kind | labels | what it tells |\n|---|---|---|---|\n"
        + "".join(_rows(exposed.decode()))
        for part, exposed in (("The API", _api()), ("The operator", _operator()))
    )


def _rows(exposed: str) -> Iterator[str]:
    for family in text_string_to_metric_families(exposed):
        if family.name.startswith(_OWN) and not family.name.endswith("_created"):
            name = f"{family.name}{_ENDS.get(family.type, '')}"
            labels = ", ".join(f"`{label}`" for label in _labels(family))
            yield f"| `{name}` | {family.type} | {labels} | {family.documentation} |\n"


def _labels(family: Metric) -> dict[str, None]:
    named = [label for sample in family.samples for label in sample.labels]
    return dict.fromkeys(label for label in named if label not in _OF_KINDS)


def _api() -> bytes:
    followed = SimpleNamespace(plural="notebookexecutions", account=Account())
    told = ApiMetrics(ExecutionIndex(), [cast(Reflector, followed)])
    told.observe("/v1/executions", "GET", 200, 0.1)
    told.observe_call("OK", 0.1)
    return told.exposition()


def _operator() -> bytes:
    told = OperatorMetrics()
    for name in GAUGES:
        told.gauge(name, lambda: 0)
    told.call("GET", 200)
    told.reconciled(0.1, failed=True)
    told.webhook(Delivery(state=DeliveryState.DELIVERED))
    told.note(_ended(), Phase.RUNNING)
    return told.exposition()


def _ended() -> Execution:
    status = ExecutionStatus(
        phase=Phase.SUCCEEDED,
        reason=Reason.NOTEBOOK_COMPLETED,
        attempts=[Attempt(number=1, reason=Reason.NOTEBOOK_COMPLETED)],
        started_at=datetime.now(UTC),
        finished_at=datetime.now(UTC),
    )
    spec = ExecutionSpec(notebook=NotebookRef(name="sales"))
    return Execution(namespace="runs", name="one", uid="u", spec=spec, status=status)
