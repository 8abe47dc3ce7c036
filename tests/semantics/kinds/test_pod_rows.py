"""What `kubectl get pods` shows of a pod in its row."""

from typing import Any

import pytest

from rig.kube_client import Kube, unique

RUNNING = {"running": {"startedAt": "2026-01-02T03:04:05Z"}}
COMPLETED = {"terminated": {"exitCode": 0, "reason": "Completed"}}


def _reported(name: str, state: dict[str, Any]) -> dict[str, Any]:
    image = {"image": "nothing:1", "imageID": "", "restartCount": 0}
    return {"name": name, "state": state, "ready": "running" in state, **image}


@pytest.mark.parametrize(
    ("states", "said", "shown"),
    [
        pytest.param([RUNNING, RUNNING], {"phase": "Running"}, ["2/2", "Running"], id="running"),
        pytest.param(
            [COMPLETED, RUNNING], {"phase": "Running"}, ["1/2", "NotReady"], id="one is through"
        ),
        pytest.param(
            [COMPLETED, COMPLETED], {"phase": "Succeeded"}, ["0/2", "Completed"], id="both are"
        ),
        pytest.param(
            [{"waiting": {"reason": "ContainerCreating"}}, RUNNING],
            {"phase": "Pending"},
            ["1/2", "ContainerCreating"],
            id="one waits",
        ),
        pytest.param(
            [COMPLETED, {"terminated": {"exitCode": 3, "reason": "Error"}}],
            {"phase": "Failed"},
            ["0/2", "Completed"],
            id="the first container tells",
        ),
        pytest.param(
            [{"terminated": {"exitCode": 3}}, RUNNING],
            {"phase": "Running"},
            ["1/2", "ExitCode:3"],
            id="an end without a reason",
        ),
        pytest.param(
            [], {"phase": "Failed", "reason": "Evicted"}, ["0/2", "Evicted"], id="evicted"
        ),
    ],
)
def test_a_pod_is_summed_up_in_a_row(
    kube: Kube, states: list[dict[str, Any]], said: dict[str, Any], shown: list[str]
) -> None:
    names = ("one", "two")
    containers = [{"name": name, "image": "nothing:1"} for name in names]
    pod = {
        "metadata": {"name": unique("p")},
        # No scheduler looks at it, so that nothing but this test writes its status.
        "spec": {
            "schedulerName": "nobody",
            "automountServiceAccountToken": False,
            "containers": containers,
        },
    }
    created = kube.create(kube.path("pods"), pod)
    path = kube.path("pods", created.name)
    reports = [_reported(name, state) for name, state in zip(names, states, strict=False)]

    kube.patch(path + "/status", {"status": {**said, "containerStatuses": reports}})
    accept = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    table = kube.request("GET", path, headers=accept).body
    kube.delete(path, gracePeriodSeconds=0)

    assert table["rows"][0]["cells"][1:3] == shown
