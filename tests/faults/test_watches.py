"""Watches that lose, repeat, delay or forget: the operator finds out by itself."""

from collections.abc import Iterator

import pytest

from podbook_crds.resources.execution import Execution
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.manifest import Site, build
from podbook_operator.rules.effective_spec import terms
from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Operator,
    cancel,
    configure,
    execution,
    operating,
    pods,
    submit,
    until_final,
    until_reason,
    writes,
)
from rig.until import until
from tests.support.views import a_notebook

CONFIG_HERE = {**CONFIG, "resyncSeconds": 3, "nodeLostTimeoutSeconds": 0}


@pytest.fixture(scope="module")
def operator(cluster: EmbeddedCluster) -> Iterator[Operator]:
    with operating(cluster, config=CONFIG_HERE) as operator:
        yield operator


pytestmark = pytest.mark.usefixtures("operator")


async def test_a_pod_that_vanished_while_nobody_watched_is_found_missing(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="hangs")
    await until_reason(cluster, "run", "CellsRunning")
    await until(lambda: _is_watched(cluster))
    (pod,) = pods(cluster)

    cluster.event_fault(kind="drop", resource="pods", times=0)
    path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}?gracePeriodSeconds=0"
    cluster.request("DELETE", path)
    status = await until_final(cluster, "run")

    assert (status["phase"], status["reason"]) == ("Failed", "PodLost")


async def test_a_pod_that_no_watch_has_told_of_is_looked_for_before_it_counts_as_lost(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    """As after a crash right behind the POST: the pod is another operator's, and it is claimed."""
    await configure(cluster, operator, {**CONFIG_HERE, "slots": {"total": 0}})
    cluster.event_fault(kind="drop", resource="pods", times=0)
    made = Execution.from_resource(submit(cluster, "unseen", notebook="hangs"))
    config = OperatorConfig()
    found = terms(made, a_notebook("hangs"), config.kernels)
    pod = build(made, found, attempt=1, site=Site("http://127.0.0.1:9", "r", "k"), config=config)
    assert cluster.request("POST", "/api/v1/namespaces/default/pods", pod)[0] == 201
    await until(
        lambda: "unseen is Running" in operator.logged(), what="the operator sees its claim"
    )
    submit(cluster, "later")
    cancel(cluster, "later")
    await until_final(cluster, "later")
    node.released.set()

    assert (await until_final(cluster, "unseen"))["reason"] == "NotebookCompleted"
    await configure(cluster, operator, CONFIG_HERE)


async def test_an_execution_whose_event_was_lost_is_run_all_the_same(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    cluster.event_fault(kind="drop", resource="notebookexecutions", times=1)
    submit(cluster, "run")

    assert (await until_final(cluster, "run"))["reason"] == "NotebookCompleted"


@pytest.mark.parametrize("kind", ["duplicate", "reorder", "delay"])
async def test_events_in_any_order_and_number_lead_to_one_pod(
    cluster: EmbeddedCluster, node: FakeNode, kind: str
) -> None:
    cluster.clear_counts()
    cluster.event_fault(kind=kind, times=0, seconds=0.05)
    submit(cluster, "run", notebook="reports-only")
    await until_final(cluster, "run")
    await until(lambda: not pods(cluster))

    done = writes(cluster, "podbook-operator")
    assert done["POST pods"] == 1
    assert node.ran == {"run": 1}


async def test_history_that_was_forgotten_is_listed_again(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="hangs")
    await until_reason(cluster, "run", "CellsRunning")
    cluster.drop_watches()
    cluster.compact()
    node.released.set()
    await until_final(cluster, "run")
    submit(cluster, "next")

    assert (await until_final(cluster, "next"))["reason"] == "NotebookCompleted"


async def test_an_execution_that_was_made_again_gets_a_pod_of_its_own(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="hangs")
    await until_reason(cluster, "run", "CellsRunning")
    path = "/apis/podbook.dev/v1alpha1/namespaces/default/notebookexecutions/run"
    cluster.request("DELETE", path)
    again = submit(cluster, "run")

    await until_final(cluster, "run")
    assert execution(cluster, "run")["metadata"]["uid"] == again["metadata"]["uid"]
    assert node.ran["run"] == 2  # One run each: the first was deleted while it ran.


@pytest.mark.parametrize("code", [429, 500, 503])
async def test_a_server_that_refuses_for_a_while_is_asked_again(
    cluster: EmbeddedCluster, node: FakeNode, code: int
) -> None:
    for path in ("/pods$", "/status$"):
        fault = {"kind": "status", "path": path, "times": 3, "code": code}
        cluster.fault(**fault, method="POST|PATCH", user_agent="podbook-operator")
    submit(cluster, "run", notebook="reports-only")

    assert (await until_final(cluster, "run"))["reason"] == "NotebookCompleted"
    assert node.ran == {"run": 1}


@pytest.mark.parametrize("path", ["/pods$", "/status$"])
async def test_an_answer_that_is_lost_is_no_reason_to_do_it_twice(
    cluster: EmbeddedCluster, node: FakeNode, path: str
) -> None:
    fault = {"kind": "lose-answer", "method": "POST|PATCH", "path": path}
    cluster.fault(**fault, user_agent="podbook-operator")
    submit(cluster, "run", notebook="reports-only")

    status = await until_final(cluster, "run")
    assert status["reason"] == "NotebookCompleted"
    assert len(status["attempts"]) == 1
    assert node.ran == {"run": 1}


async def test_a_conflict_is_decided_again(cluster: EmbeddedCluster, node: FakeNode) -> None:
    fault = {"kind": "status", "method": "PATCH", "path": "/status$", "code": 409}
    cluster.fault(**fault, user_agent="podbook-operator")
    submit(cluster, "run", notebook="reports-only")

    assert (await until_final(cluster, "run"))["reason"] == "NotebookCompleted"


async def test_a_status_that_the_server_will_not_take_ends_without_its_output(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    fault = {"kind": "status", "method": "PATCH", "path": "/status$", "code": 422}
    cluster.fault(**fault, user_agent="podbook-operator")
    submit(cluster, "run", notebook="reports-only")

    status = await until_final(cluster, "run")
    assert status["reason"] == "NotebookCompleted"
    assert "output" not in status
    assert "refused the whole of it" in status["message"]


async def test_a_node_that_does_not_answer_frees_its_slot(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="hangs")
    await until_reason(cluster, "run", "CellsRunning")
    (pod,) = pods(cluster)

    node.answers.clear()
    path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}?gracePeriodSeconds=1"
    cluster.request("DELETE", path)
    status = await until_final(cluster, "run")

    assert status["reason"] == "NodeLost"
    assert len(pods(cluster)) == 1  # It is not deleted by force: its kernel may still run.
    node.answers.set()


def _is_watched(cluster: EmbeddedCluster) -> bool:
    watch = ("kopf", "WATCH", "pods")
    return any((c["userAgent"], c["verb"], c["resource"]) == watch for c in cluster.counts())
