"""A node that is taken out of the cluster while it runs something."""

import json
from collections.abc import Iterator

import httpx
import pytest

from podbook_crds.intake import CLAIM_PATH
from tests.cluster import commands, control_plane
from tests.cluster.installed import RUNS, Installed, apply, ended, kubectl, pods_of
from tests.support.ipynb import notebook, text_of

NODE = "doomed"
LABEL = {"doomed": "yes"}


@pytest.fixture
def doomed_node() -> Iterator[None]:
    """A node that has room and no kubelet: only the runner's claim is played on it."""
    room = {"cpu": "4", "memory": "4Gi", "pods": "10"}
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": NODE, "labels": LABEL},
            "spec": {"taints": [{"key": NODE, "effect": "NoSchedule"}]},
            "status": {"capacity": room, "allocatable": room},
        }
    )
    patch = json.dumps({"status": {"capacity": room, "allocatable": room}})
    kubectl("patch", "node", NODE, "--subresource=status", "-p", patch)
    yield
    kubectl("delete", "node", NODE, "--ignore-not-found")


@pytest.mark.usefixtures("doomed_node")
def test_a_node_that_is_deleted_is_told_and_nothing_runs_again(podbook: Installed) -> None:
    runtime = {"nodeSelector": LABEL, "tolerations": [{"operator": "Exists"}]}
    podbook.put("doomed", notebook("print('not run')"), runtime=runtime)
    apply("NotebookExecution", "on-a-deleted-node", {"notebook": {"name": "doomed"}})
    commands.until(lambda: _is_placed("on-a-deleted-node"), "its pod on the node", seconds=180)
    _claim(podbook, pods_of("on-a-deleted-node")[0]["metadata"]["name"])

    kubectl("delete", "node", NODE)

    # Kubernetes waits 40 s for the node to come back before it takes away what ran there.
    status = ended("on-a-deleted-node", seconds=300)
    assert (status["phase"], status["reason"]) == ("Failed", "NodeLost")
    assert "node" in status["message"]
    assert [attempt["number"] for attempt in status["attempts"]] == [1]
    assert "not run" in text_of(podbook.artifact("on-a-deleted-node", "notebook.ipynb"))


def _is_placed(execution: str) -> bool:
    return any(pod["spec"].get("nodeName") == NODE for pod in pods_of(execution))


def _claim(podbook: Installed, pod: str) -> None:
    bound = ("--bound-object-kind=Pod", f"--bound-object-name={pod}")
    token = kubectl("create", "token", "default", "-n", RUNS, "--audience=podbook", *bound)
    headers = {"Authorization": f"Bearer {token.strip()}"}
    answer = httpx.post(podbook.intake_url + CLAIM_PATH, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
