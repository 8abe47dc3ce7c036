"""What alerts and the dashboard ask Prometheus for is what Podbook tells it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from podbook_api.metrics import Metrics as ApiMetrics
from podbook_api.state.execution_index import ExecutionIndex
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import EXPLANATIONS, Fault, Reason
from podbook_crds.resources.execution import (
    Execution,
    ExecutionSpec,
    ExecutionStatus,
    NotebookRef,
)
from podbook_operator.process.metrics import GAUGES
from podbook_operator.process.metrics import Metrics as OperatorMetrics

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "charts" / "podbook" / "monitoring"
RULES = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
OPERATIONS = (REPOSITORY / "docs" / "how-to" / "operations.md").read_text()
ALERTS = [(rule["alert"], rule["expr"]) for rule in RULES]
PANELS = [
    (f"{panel['title']} {target['refId']}", target["expr"])
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
]
# Which labels each metric has is in the source's own words beside its name.
LABELS = {"phase", "reason", "status", "route", "state", "namespace", "notebook", "of", "verb"}
_METRIC = re.compile(r"\bpodbook_[a-z_]+")


@pytest.fixture(scope="module")
def told() -> set[str]:
    """The names of all samples that either part tells of, each asked itself."""
    operator = OperatorMetrics()
    operator.note(_ended("one"), Phase.RUNNING)
    for name in GAUGES:
        operator.gauge(name, lambda: 0)
    exposed = operator.exposition().decode() + _api_exposition()
    families = list(text_string_to_metric_families(exposed))
    plain = {family.name for family in families if family.type == "gauge"}
    counted = {f"{family.name}_total" for family in families if family.type == "counter"}
    spread = {
        f"{family.name}_{end}"
        for family in families
        if family.type in ("histogram", "summary")
        for end in ("bucket", "sum", "count")
    }
    return plain | counted | spread


def _api_exposition() -> str:
    return ApiMetrics(ExecutionIndex(), ()).exposition().decode()


def _ended(notebook: str) -> Execution:
    status = ExecutionStatus(phase=Phase.SUCCEEDED, reason=Reason.NOTEBOOK_COMPLETED)
    spec = ExecutionSpec(notebook=NotebookRef(name=notebook))
    return Execution(namespace="runs", name="one", uid="u", spec=spec, status=status)


@pytest.mark.parametrize(("_", "expression"), [*ALERTS, *PANELS])
def test_it_asks_for_what_there_is(told: set[str], _: str, expression: str) -> None:
    asked = set(_METRIC.findall(expression))

    assert asked
    assert asked <= told
    labels = set(re.findall(r"[{,]\s*([a-z_]+)\s*[=!]", expression))
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    labels |= {label.strip() for group in grouped for label in group.split(",")}
    assert labels <= LABELS | {"le"}


def test_every_alert_leads_to_what_to_do() -> None:
    headings = {line.lstrip("# ").lower() for line in OPERATIONS.splitlines() if line[:3] == "###"}

    for rule in RULES:
        page, _, heading = rule["annotations"]["runbook"].partition(": ")
        assert page == "docs/how-to/operations.md"
        assert heading.lower() in headings, rule["alert"]


def test_the_reasons_that_alert_are_those_that_are_the_cluster_s() -> None:
    alert = dict(ALERTS)["PodbookClusterFaults"]
    named = re.findall(r'reason=~"([^"]*)"', alert)[0].split("|")

    meant = {r for r, meaning in EXPLANATIONS.items() if meaning.fault is Fault.CLUSTER}
    assert {Reason(name) for name in named} == meant
    for phase in re.findall(r'phase="(\w+)"', " ".join(expr for _, expr in [*ALERTS, *PANELS])):
        assert Phase(phase)


def test_callers_cannot_make_series_without_end() -> None:
    metrics = OperatorMetrics()
    for number in range(300):
        metrics.note(_ended(f"made-up-{number}"), Phase.RUNNING)

    exposed: list[Any] = list(text_string_to_metric_families(metrics.exposition().decode()))
    (family,) = (f for f in exposed if f.name == "podbook_notebook_executions_finished")
    samples = [s for s in family.samples if s.name.endswith("_total")]
    shown = {sample.labels["notebook"]: sample.value for sample in samples}
    assert len(shown) == 201
    assert shown["(others)"] == 100
