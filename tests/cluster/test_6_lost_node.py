"""A node that stops answering, and comes back."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cluster import commands, control_plane, node, place
from tests.cluster.installed import NAMESPACE, Installed, apply, ended, get, kubectl, pods_of
from tests.support.ipynb import notebook

WITNESS = "witness"


@pytest.fixture(autouse=True)
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
    podbook.put("sleep", notebook("print('begun')", "import time\ntime.sleep(600)"))
    apply("NotebookExecution", "on-a-lost-node", {"notebook": {"name": "sleep"}})
    commands.until(
        lambda: get("nbx", "on-a-lost-node")["status"]["phase"] == "Running",
        "the execution running",
        seconds=180,
    )
    return "on-a-lost-node"


def test_a_lost_node_is_told_and_its_return_starts_nothing_again(
    podbook: Installed, running: str, request: pytest.FixtureRequest
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
