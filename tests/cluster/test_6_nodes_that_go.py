"""Nodes that go: one stops answering and comes back, one is taken out of the cluster.

Kubernetes waits 40 s for a node that was taken out; the other one is lost meanwhile.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from podbook_crds.protocol.intake import CLAIM_PATH
from rig.ipynb import notebook, text_of
from tests.cluster import commands, control_plane, node, place
from tests.cluster.installed import (
    NAMESPACE,
    RUNS,
    Installed,
    apply,
    ended,
    get,
    kubectl,
    pods_of,
)
from tests.cluster.progress import SLEEP, begun

WITNESS = "witness"
DELETED = "deleted"
LABEL = {DELETED: "yes"}


@pytest.fixture(scope="module", autouse=True)
def deleted_node(podbook: Installed) -> Iterator[None]:
    """A node that has room and no kubelet, deleted while it runs something: a claim is played."""
    room = {"cpu": "4", "memory": "4Gi", "pods": "10"}
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": DELETED, "labels": LABEL},
            "spec": {"taints": [{"key": DELETED, "effect": "NoSchedule"}]},
            "status": {"capacity": room, "allocatable": room},
        }
    )
    patch = json.dumps({"status": {"capacity": room, "allocatable": room}})
    kubectl("patch", "node", DELETED, "--subresource=status", "-p", patch)
    runtime = {"nodeSelector": LABEL, "tolerations": [{"operator": "Exists"}]}
    podbook.put("doomed", notebook("print('not run')"), runtime=runtime)
    apply("NotebookExecution", "on-a-deleted-node", {"notebook": {"name": "doomed"}})
    commands.until(lambda: _is_placed("on-a-deleted-node"), "its pod on the node", seconds=180)
    _claim(podbook, pods_of("on-a-deleted-node")[0]["metadata"]["name"])

    kubectl("delete", "node", DELETED)
    yield
    kubectl("delete", "node", DELETED, "--ignore-not-found")


@pytest.fixture
def witness() -> Iterator[None]:
    """A second node that is well: where every node is lost, Kubernetes evicts nobody."""
    stop = threading.Event()
    beat = threading.Thread(target=_beat_until, args=(stop,))
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": WITNESS},
            "spec": {"unschedulable": True},
        }
    )
    _say_ready()
    beat.start()
    yield
    stop.set()
    beat.join()
    kubectl("delete", "node", WITNESS)


@pytest.fixture
def frozen_kubelet() -> Iterator[None]:
    """The node's kubelet hangs until the end of the test."""
    pid = json.loads(place.PIDS.read_text())["kubelet"]
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)
    commands.until(node.is_ready, "the node back", seconds=180)


@pytest.fixture
def running(podbook: Installed) -> str:
    """An execution whose cells run, begun while the node was well."""
    podbook.put("sleep", SLEEP)
    apply("NotebookExecution", "on-a-lost-node", {"notebook": {"name": "sleep"}})
    begun("on-a-lost-node")
    return "on-a-lost-node"


@pytest.mark.usefixtures("witness")
def test_a_lost_node_is_told_and_its_return_starts_nothing_again(
    running: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("frozen_kubelet")

    status = ended(running, seconds=180)

    assert (status["phase"], status["reason"]) == ("Failed", "NodeLost")
    assert [attempt["number"] for attempt in status["attempts"]] == [1]


def test_the_node_that_came_back_runs_notebooks(podbook: Installed) -> None:
    commands.until(lambda: not pods_of("on-a-lost-node"), "the lost pod gone", seconds=180)
    for part in ("api", "operator"):
        status = ("rollout", "status", f"deployment/podbook-{part}", "--timeout=180s")
        kubectl(*status, "--namespace", NAMESPACE)
    podbook.put("after", notebook("from podbook import save_output\nsave_output('well')"))

    assert podbook.post("after")["output"] == "well"
    assert get("nbx", "on-a-lost-node")["status"]["reason"] == "NodeLost"


def test_a_node_that_is_deleted_is_told_and_nothing_runs_again(podbook: Installed) -> None:
    status = ended("on-a-deleted-node", seconds=300)

    assert (status["phase"], status["reason"]) == ("Failed", "NodeLost")
    assert "node" in status["message"]
    assert [attempt["number"] for attempt in status["attempts"]] == [1]
    assert "not run" in text_of(podbook.artifact("on-a-deleted-node", "notebook.ipynb"))


def _is_placed(execution: str) -> bool:
    return any(pod["spec"].get("nodeName") == DELETED for pod in pods_of(execution))


def _claim(podbook: Installed, pod: str) -> None:
    bound = ("--bound-object-kind=Pod", f"--bound-object-name={pod}")
    token = kubectl("create", "token", "default", "-n", RUNS, "--audience=podbook", *bound)
    headers = {"Authorization": f"Bearer {token.strip()}"}
    answer = httpx.post(podbook.intake_url + CLAIM_PATH, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def _beat_until(stop: threading.Event) -> None:
    while not stop.wait(2):
        control_plane.apply(_lease())


def _lease() -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": WITNESS, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": WITNESS, "leaseDurationSeconds": 40, "renewTime": now},
    }


def _say_ready() -> None:
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "Played",
        "message": "",
        "lastHeartbeatTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    patch = json.dumps({"status": {"conditions": [condition]}})
    kubectl("patch", "node", WITNESS, "--subresource=status", "-p", patch)
    control_plane.apply(_lease())
