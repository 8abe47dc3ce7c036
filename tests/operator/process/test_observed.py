"""What a person who runs the operator sees: log, events, metrics, probes."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Object,
    Operator,
    free_port,
    operating,
    pods,
    submit,
    until_final,
)
from rig.until import until

PORT = free_port()
DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


@pytest.fixture(scope="module")
def operator(cluster: EmbeddedCluster) -> Iterator[Operator]:
    config = {**CONFIG, "stallSeconds": 1, "resyncSeconds": 600}
    with operating(cluster, config=config, PODBOOK_OPERATOR_PORT=str(PORT)) as operator:
        yield operator


def asked(path: str) -> tuple[int, str]:
    """What a probe gets."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def events(cluster: EmbeddedCluster, name: str) -> list[Object]:
    path = "/apis/events.k8s.io/v1/namespaces/default/events"
    items = cluster.request("GET", path)[1]["items"]
    return [item for item in items if item["regarding"]["name"] == name]


async def test_each_change_of_state_is_one_line_that_begins_with_the_name(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    submit(cluster, "told", notebook="hangs")
    # States that follow each other too fast for the watch are told as the last one only.
    await until(lambda: "default/told is Running" in operator.logged())
    node.released.set()
    await until_final(cluster, "told")
    await until(lambda: "default/told is Succeeded" in operator.logged())
    await until(lambda: not pods(cluster))

    lines = re.findall(r"INFO (default/told is .*)", operator.logged())
    assert lines == [
        "default/told is Queued: WaitingForSlot",
        "default/told is Running: CellsRunning",
        "default/told is Succeeded: NotebookCompleted",
    ]


async def test_a_failure_is_an_event_on_the_execution(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    submit(cluster, "broken", notebook="dies-claimed")
    await until_final(cluster, "broken")

    event = (await until(lambda: events(cluster, "broken")))[0]

    assert (event["type"], event["reason"]) == ("Warning", "InternalError")
    assert "without a report" in event["note"]
    assert event["regarding"]["kind"] == "NotebookExecution"


async def test_a_run_that_goes_well_writes_no_event(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    submit(cluster, "fine")
    submit(cluster, "later", notebook="dies-claimed")
    await until_final(cluster, "fine")
    await until(lambda: events(cluster, "later"))

    assert events(cluster, "fine") == []


async def test_prometheus_is_told_of_ends_calls_and_slots(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    submit(cluster, "counted", notebook="raises")
    await until_final(cluster, "counted")
    ended = 'podbook_executions_finished_total{phase="Failed",reason="NotebookRaised"} 1.0'
    await until(lambda: ended in asked("/metrics")[1])

    metrics = asked("/metrics")[1]
    assert re.search(r'podbook_api_calls_total\{status="201",verb="POST"\} \d', metrics)
    for name in (
        "podbook_queue_length",
        "podbook_slots_held",
        "podbook_executions_queued",
        "podbook_attempts_total",
        "podbook_execution_start_seconds_count",
        "podbook_reconcile_seconds_count",
    ):
        assert f"\n{name}" in metrics


def test_every_metric_that_the_document_names_is_there(operator: Operator) -> None:
    named = set(re.findall(r"`(podbook_\w+)", DOCUMENT.read_text()))
    # Those of the API, whose tests look for them; one name of the operator begins alike.
    ours = {n for n in named if not n.startswith("podbook_api_") or n == "podbook_api_calls_total"}

    metrics = asked("/metrics")[1]

    assert len(ours) > 10
    assert [name for name in sorted(ours) if f"# TYPE {name} " not in metrics] == []


async def test_the_probe_is_green_while_all_is_well(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    submit(cluster, "well")
    await until_final(cluster, "well")

    assert await until(lambda: asked("/healthz") == (200, "ok"))
    assert asked("/readyz") == (200, "ok")


async def test_the_probe_turns_red_when_a_watch_delivers_nothing(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    cluster.event_fault(kind="drop", resource="pods", times=0)
    submit(cluster, "unseen")

    red = await until(_red)
    assert red == "the watch of pods of default is behind"

    cluster.clear_faults()
    submit(cluster, "seen")
    await until(lambda: asked("/healthz")[0] == 200)


async def test_the_probe_turns_red_when_the_queue_stands_still(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    cluster.fault(kind="delay", method="POST", path="/pods$", seconds=4.0, times=1)
    submit(cluster, "slow")

    red = await until(_red)
    assert "the queue of executions stands still" in red
    await until_final(cluster, "slow")


def _red() -> str:
    status, body = asked("/healthz")
    return body if status == 503 else ""
