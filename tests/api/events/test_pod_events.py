"""What the cluster tells of a run's pod is told on: in order, within bounds, without secrets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from podbook_api.events.masked_texts import masked_text
from podbook_api.events.pod_events import pods_of
from podbook_crds.resources.execution import Execution, ExecutionSpec, ExecutionStatus
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

SPEC = ExecutionSpec.model_validate({"notebook": {"name": "n"}})
EVENTS = "/api/v1/namespaces/default/events"
BEGAN = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pull https://me:pass@host/x: 401", "pull https://•••@host/x: 401"),
        ('Get "https://host/v2/x?sig=a&se=b": EOF', 'Get "https://host/v2/x?•••": EOF'),
        ("Authorization: Bearer abcdefghijk.lm", "Authorization: Bearer •••"),
        ('env "DB_PASSWORD=hunter2" is wrong', 'env "DB_PASSWORD=•••" is wrong'),
        ('{"token": "abc"}', '{"token": "•••"}'),
        ("for my-own-value it is", "for ••• it is"),
        # What people need in order to mend it stays.
        ('secret "store" not found', 'secret "store" not found'),
        ("0/3 nodes are available: 3 Insufficient cpu.",) * 2,
        ("x" * 5000, "x" * 1023 + "…"),
    ],
)
def test_credentials_are_masked(text: str, shown: str) -> None:
    assert masked_text(text, ["my-own-value", "x"]) == shown


def happened(cluster: EmbeddedCluster, pod: str, number: int, **fields: Any) -> None:
    at = (BEGAN + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "metadata": {"name": f"{pod}.{number}", "namespace": "default"},
        "involvedObject": {"kind": "Pod", "namespace": "default", "name": pod},
        "type": "Warning",
        "reason": "FailedScheduling",
        "message": f"0/3 nodes are available, seen {number}",
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
        "source": {"component": "default-scheduler"},
        **fields,
    }
    status, answer = cluster.request("POST", EVENTS, event)
    assert status == 201, answer


def test_why_a_pod_waits_is_told_and_kept_when_the_cluster_fails_the_run(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    secret = {"type": "object", "properties": {"word": {"type": "string", "writeOnly": True}}}
    apis.put_notebook(cluster, "waits-for-a-node", input=secret)
    name = apis.apply_execution(
        cluster,
        "waits-for-a-node",
        {"notebook": {"name": "waits-for-a-node"}, "parameters": {"word": "abracadabra"}},
    )
    address = f"/v1/executions/{name}/pod-events"
    eventually(lambda: api.http.get(address).status_code == 200, "it is known")
    # No attempt is recorded before it was claimed.
    pod = FakeRun(cluster, api, name).pod_name
    assert api.http.get(address).json() == {"attempt": 1, "pod": pod, "items": []}
    for number in range(53):
        happened(cluster, pod, number)
    happened(cluster, pod, 99, message="abracadabra at https://me:pw@host", count=7)
    happened(cluster, "another", 100)

    def told() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.http.get(address).json()["items"]
        return found

    eventually(told, "what happened to its pod")
    assert len(told()) == 50
    assert told()[-1] == {
        "type": "Warning",
        "reason": "FailedScheduling",
        "message": "••• at https://•••@host",
        "count": 7,
        "firstAt": "2026-11-22T12:01:39Z",
        "lastAt": "2026-11-22T12:01:39Z",
        "source": "default-scheduler",
    }
    assert told()[0]["message"].endswith("seen 4")
    assert api.http.get(f"{address}?attempt=2").status_code == 404

    ended = {"phase": "Failed", "reason": "Unschedulable"}
    apis.write_status(cluster, name, {**ended, "finishedAt": "2026-11-22T12:05:00.000000Z"})

    def kept() -> bytes:
        paths = api.store.glob("executions/*/.pod/1/events.json")
        return b"".join(path.read_bytes() for path in paths)

    eventually(lambda: b"abracadabra" in kept(), "they are kept")
    assert b"me:pw" not in kept()
    # As the cluster forgets them.
    for number in [*range(53), 99]:
        cluster.request("DELETE", f"{EVENTS}/{pod}.{number}")
    assert len(told()) == 50
    assert told()[-1]["message"] == "••• at https://•••@host"


def test_the_pod_that_a_run_waits_for_comes_before_those_that_were() -> None:
    over = {"number": 1, "pod": "was", "finishedAt": "2026-11-22T12:05:00.000000Z"}
    for status, pods in (
        ({}, ["nbx-u-1"]),
        ({"phase": "Failed"}, ["nbx-u-1"]),
        ({"attempts": [over]}, ["nbx-u-2", "was"]),
        ({"phase": "Failed", "attempts": [over]}, ["was"]),
        ({"phase": "Running", "attempts": [over, {"number": 2}]}, ["nbx-u-2", "was"]),
    ):
        parsed = ExecutionStatus.model_validate(status)
        execution = Execution(namespace="n", name="e", uid="u", spec=SPEC, status=parsed)
        assert [pod for _, pod in pods_of(execution)] == pods, status
