"""What the operator's writes promise, against the embedded API server."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from podbook_crds.errors import ClusterUnavailable, Conflict, Refused
from podbook_kube.client import Client
from podbook_kube.connection import Connection, connect
from podbook_operator.cluster import EXECUTIONS, PODS, Cluster
from rig.embedded import EmbeddedCluster
from rig.operators import execution, executions, submit


@pytest.fixture
async def client(cluster: EmbeddedCluster) -> AsyncIterator[Cluster]:
    transport = Client(partial(connect, cluster.kubeconfig), agent="test")
    yield Cluster(transport)
    await transport.close()
    cluster.clear_faults()
    for found in executions(cluster):
        path = "/apis/podbook.dev/v1alpha1/namespaces/default/notebookexecutions"
        cluster.request("DELETE", f"{path}/{found['metadata']['name']}")


async def write(client: Cluster, made: Any, status: Any) -> Any:
    metadata = made["metadata"]
    return await client.write_status(
        EXECUTIONS,
        "default",
        metadata["name"],
        version=metadata["resourceVersion"],
        status=status,
    )


async def test_a_status_is_written_on_the_state_that_it_was_decided_on_or_not_at_all(
    cluster: EmbeddedCluster, client: Cluster
) -> None:
    made = submit(cluster, "run")
    await write(client, made, {"phase": "Running", "reason": "CellsRunning"})

    with pytest.raises(Conflict):
        await write(client, made, {"phase": "Failed", "reason": "PodLost"})

    assert execution(cluster, "run")["status"]["phase"] == "Running"


async def test_a_status_of_what_is_gone_is_a_conflict(
    cluster: EmbeddedCluster, client: Cluster
) -> None:
    made = submit(cluster, "run")
    metadata = made["metadata"]
    await client.delete(EXECUTIONS, "default", "run", uid=metadata["uid"])

    with pytest.raises(Conflict):
        await write(client, made, {"phase": "Running"})


async def test_a_status_that_the_schema_refuses_is_refused_not_a_conflict(
    cluster: EmbeddedCluster, client: Cluster
) -> None:
    made = submit(cluster, "run")

    with pytest.raises(Refused):
        await write(client, made, {"phase": ["no", "phase"]})


async def test_a_null_inside_an_output_is_kept(cluster: EmbeddedCluster, client: Cluster) -> None:
    made = submit(cluster, "run")
    written = await write(client, made, {"phase": "Succeeded", "output": {"a": None, "b": [None]}})

    assert written["status"]["output"] == {"a": None, "b": [None]}


async def test_only_the_very_object_is_deleted(cluster: EmbeddedCluster, client: Cluster) -> None:
    submit(cluster, "run")

    await client.delete(EXECUTIONS, "default", "run", uid="of-another")
    assert execution(cluster, "run")

    await client.delete(EXECUTIONS, "default", "never-was", uid="any")


async def test_a_state_is_deleted_only_while_nothing_has_changed_it(
    cluster: EmbeddedCluster, client: Cluster
) -> None:
    made = submit(cluster, "run")["metadata"]
    seen = {"uid": made["uid"], "version": made["resourceVersion"]}
    patch = {"spec": {"ttlSecondsAfterFinished": 1000}}
    changed = await client.amend(EXECUTIONS, "default", "run", patch)

    with pytest.raises(Conflict):
        await client.delete(EXECUTIONS, "default", "run", **seen)
    assert execution(cluster, "run")

    seen["version"] = changed["metadata"]["resourceVersion"]
    await client.delete(EXECUTIONS, "default", "run", **seen)
    assert await client.get(EXECUTIONS, "default", "run") is None


async def test_a_pod_that_is_being_deleted_is_ended_sooner_and_never_later(
    cluster: EmbeddedCluster, client: Cluster
) -> None:
    path = "/api/v1/namespaces/default/pods"
    container = {"name": "kernel", "image": "kernel"}
    spec = {"containers": [container], "nodeName": "fake", "terminationGracePeriodSeconds": 20}
    made = await client.create(PODS, "default", {"metadata": {"name": "run"}, "spec": spec})

    graces = []
    for asked in (None, 60, 1):
        await client.delete(
            PODS, "default", "run", uid=made["metadata"]["uid"], grace_seconds=asked
        )
        found = await client.get(PODS, "default", "run")
        graces.append(found and found["metadata"]["deletionGracePeriodSeconds"])

    assert graces == [20, 20, 1]
    cluster.request("DELETE", f"{path}/run?gracePeriodSeconds=0")


async def test_what_is_not_there_is_none(client: Cluster) -> None:
    assert await client.get(PODS, "default", "never-was") is None


async def test_a_list_goes_through_all_its_pages(
    cluster: EmbeddedCluster, client: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podbook_kube.client._PAGE", 2)
    for number in range(5):
        submit(cluster, f"run-{number}")

    pages = [len(page["items"]) async for page in client.pages(EXECUTIONS, "default")]

    assert pages == [2, 2, 1]


@pytest.mark.parametrize("code", [401, 429, 500, 503])
async def test_what_may_pass_is_an_unavailable_cluster(
    cluster: EmbeddedCluster, client: Cluster, code: int
) -> None:
    cluster.fault(kind="status", path="/pods/", code=code)

    with pytest.raises(ClusterUnavailable):
        await client.get(PODS, "default", "any")


async def test_a_server_that_is_not_there_is_an_unavailable_cluster() -> None:
    async def authorization() -> None:
        return None

    async def nowhere() -> Connection:
        return Connection("http://127.0.0.1:1", tls=False, authorization=authorization)

    transport = Client(nowhere, agent="test")

    with pytest.raises(ClusterUnavailable, match="GET /api/v1/namespaces/default/pods/any"):
        await Cluster(transport).get(PODS, "default", "any")
    await transport.close()


async def test_nothing_is_written_once_the_lease_is_doubtful(cluster: EmbeddedCluster) -> None:
    class Doubt(Exception):
        pass

    def check() -> None:
        raise Doubt

    transport = Client(partial(connect, cluster.kubeconfig), agent="test", before_write=check)
    client = Cluster(transport)

    assert await client.get(PODS, "default", "any") is None
    with pytest.raises(Doubt):
        await client.create(PODS, "default", {"metadata": {"name": "any"}})
    await transport.close()
