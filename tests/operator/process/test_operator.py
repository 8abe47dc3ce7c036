"""The operator as a process: from an execution to its pod, from the pod's end to a final status."""

import pytest

from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Operator,
    add_notebook,
    cancel,
    configure,
    execution,
    pods,
    settle,
    submit,
    until_final,
    until_reason,
    writes,
)
from rig.until import until

pytestmark = pytest.mark.usefixtures("operator")


async def test_an_execution_costs_the_operator_two_writes(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    await settle(cluster)
    cluster.clear_counts()

    submit(cluster, "run")
    status = await until_final(cluster, "run")
    await until(lambda: not pods(cluster))

    assert status["output"] == {"by": "run"}
    assert writes(cluster, "podbook-operator") == {"POST pods": 1, "DELETE pods": 1}
    assert writes(cluster, "kopf") == {}
    assert node.ran == {"warm-up": 1, "run": 1}


async def test_an_end_that_the_intake_has_written_is_not_written_again(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    await settle(cluster)
    cluster.event_fault(kind="delay", resource="notebookexecutions", times=0, seconds=0.5)
    cluster.clear_counts()
    submit(cluster, "run")
    await until_final(cluster, "run")
    await until(lambda: not pods(cluster))

    assert writes(cluster, "podbook-operator") == {"POST pods": 1, "DELETE pods": 1}


async def test_a_result_that_only_the_termination_message_holds_is_written_by_the_operator(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="reports-only")
    status = await until_final(cluster, "run")

    assert (status["phase"], status["output"]) == ("Succeeded", {"by": "run"})


async def test_queued_executions_are_not_written_to(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    await configure(cluster, operator, {**CONFIG, "slots": {"total": 1}})
    submit(cluster, "first", notebook="hangs")
    await until_reason(cluster, "first", "CellsRunning")
    queued = submit(cluster, "second")
    submit(cluster, "cancelled")
    cancel(cluster, "cancelled")
    await until_final(cluster, "cancelled")  # Later than the second, and seen to.

    assert execution(cluster, "second")["metadata"] == queued["metadata"]
    assert len(pods(cluster)) == 1

    node.released.set()
    await until_final(cluster, "second")

    assert node.most_kernels == 1
    await configure(cluster, operator, CONFIG)


async def test_slots_change_without_a_restart(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    await configure(cluster, operator, {**CONFIG, "slots": {"total": 0}})
    submit(cluster, "cancelled")
    submit(cluster, "run")
    cancel(cluster, "cancelled")
    await until_final(cluster, "cancelled")
    assert pods(cluster) == []

    await configure(cluster, operator, CONFIG)
    await until_final(cluster, "run")


async def test_an_execution_may_come_before_its_notebook(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="later")
    waiting = await until_reason(cluster, "run", "NotebookNotFound")
    add_notebook(cluster, "later")
    status = await until_final(cluster, "run")

    assert waiting["phase"] == "Queued"
    assert status["reason"] == "NotebookCompleted"


async def test_an_attempt_that_was_never_claimed_is_made_again_within_the_limit(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="dies-unclaimed", retryLimit=2)
    status = await until_final(cluster, "run")

    assert status["reason"] == "StartFailed"
    assert "ImportError" in status["message"]
    assert [attempt["number"] for attempt in status["attempts"]] == [1, 2, 3]


@pytest.mark.parametrize(("idempotent", "times"), [(False, 1), (True, 3)])
async def test_a_claimed_attempt_is_made_again_only_if_the_notebook_is_idempotent(
    cluster: EmbeddedCluster, node: FakeNode, idempotent: bool, times: int
) -> None:
    submit(cluster, "run", notebook="dies-claimed", idempotent=idempotent)
    status = await until_final(cluster, "run")

    assert (status["phase"], status["reason"]) == ("Failed", "InternalError")
    assert node.ran["run"] == times
    assert node.most_kernels == 1


async def test_cancelling_a_run_ends_its_pod(cluster: EmbeddedCluster, node: FakeNode) -> None:
    submit(cluster, "run", notebook="hangs")
    await until_reason(cluster, "run", "CellsRunning")
    cancel(cluster, "run")
    status = await until_final(cluster, "run")
    await until(lambda: not pods(cluster))

    assert (status["phase"], status["reason"]) == ("Cancelled", "Cancelled")


async def test_a_kernel_that_stays_after_its_runner_does_not_sit_out_the_grace_of_its_pod(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    node.answers.clear()
    submit(cluster, "run", notebook="kernel-stays")
    status = await until_final(cluster, "run")
    (pod,) = pods(cluster)
    await until(lambda: "deletionTimestamp" in pods(cluster)[0]["metadata"], what="its deletion")

    assert status["reason"] == "NotebookCompleted"
    assert pod["spec"]["terminationGracePeriodSeconds"] == 30
    assert pods(cluster)[0]["metadata"]["deletionGracePeriodSeconds"] == 1
    node.answers.set()


async def test_nothing_of_the_operator_stands_in_the_way_of_a_deletion(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    submit(cluster, "run", notebook="hangs")
    await until_reason(cluster, "run", "CellsRunning")
    metadata = execution(cluster, "run")["metadata"]

    path = "/apis/podbook.dev/v1alpha1/namespaces/default/notebookexecutions/run"
    assert cluster.request("DELETE", path)[0] == 200
    assert cluster.request("GET", path)[0] == 404
    await until(lambda: not pods(cluster))
    assert not {"finalizers", "annotations"} & metadata.keys()


async def test_a_pod_of_that_name_that_is_not_ours_is_not_adopted(
    cluster: EmbeddedCluster, operator: Operator
) -> None:
    await configure(cluster, operator, {**CONFIG, "slots": {"total": 0}})
    made = submit(cluster, "run")
    pod_name = f"nbx-{made['metadata']['uid']}-1"
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": pod_name},
        "spec": {"containers": [{"name": "other", "image": "other"}]},
    }
    assert cluster.request("POST", "/api/v1/namespaces/default/pods", pod)[0] == 201
    await configure(cluster, operator, CONFIG)
    status = await until_final(cluster, "run")

    assert status["reason"] == "StartFailed"
    assert "does not belong" in status["message"]
    assert len(pods(cluster)) == 1
    cluster.request("DELETE", f"/api/v1/namespaces/default/pods/{pod_name}?gracePeriodSeconds=0")


async def test_a_renewed_authority_of_the_intake_is_handed_out_without_a_restart(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    renewed = "-----BEGIN CERTIFICATE-----\nrenewed"
    (cluster.folder.parent / "ca.crt").write_text(renewed)
    await until(lambda: "the intake's authority changed" in operator.logged())

    submit(cluster, "renewing", notebook="hangs")
    await until_reason(cluster, "renewing", "CellsRunning")
    uid = execution(cluster, "renewing")["metadata"]["uid"]
    (pod,) = (pod for pod in pods(cluster) if uid in pod["metadata"]["name"])
    runner = pod["spec"]["containers"][1]
    assert {"name": "PODBOOK_INTAKE_CA", "value": renewed} in runner["env"]
    node.released.set()
    await until_final(cluster, "renewing")
