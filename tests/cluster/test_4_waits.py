"""What waits on a real cluster, and says for what; and what never gets to run there."""

import json
from typing import Any

import pytest

from rig.ipynb import notebook
from tests.cluster import commands, control_plane
from tests.cluster.installed import RUNS, Installed, apply, ended, get, kubectl, pods_of
from tests.cluster.progress import begun, phase_of, reason_of

# No registry answers there.
NOWHERE = "localhost/podbook/nowhere:1"
QUICK = notebook("print('done')")
LABEL = "podbook-test/room"


@pytest.fixture(scope="module", autouse=True)
def notebooks(podbook: Installed) -> None:
    podbook.put("quick", QUICK)
    podbook.put("small-room", QUICK, runtime={"nodeSelector": {LABEL: "yes"}})
    lacks = {"source": {"ipynb": json.dumps(QUICK)}, "runtime": {"image": NOWHERE}}
    apply("Notebook", "lacks-image", lacks)


def _told(name: str, reason: str) -> dict[str, Any]:
    commands.until(lambda: reason_of(name) == reason, f"{name} is told {reason}", seconds=120)
    status: dict[str, Any] = get("nbx", name)["status"]
    return status


def test_a_pod_without_a_node_waits_longer_than_a_start_may_take() -> None:
    node = json.loads(kubectl("get", "nodes", "-ojson"))["items"][0]["metadata"]["name"]
    spec = {"notebook": {"name": "small-room"}, "startTimeoutSeconds": 20, "retryLimit": 2}
    apply("NotebookExecution", "waits-for-room", spec)
    status = _told("waits-for-room", "Unschedulable")
    assert (status["phase"], status.get("attempts", [])) == ("Queued", [])
    (pod,) = pods_of("waits-for-room")
    made = pod["metadata"]["creationTimestamp"]
    since = f"while [ $(( $(date +%s) - $(date +%s -d {made}) )) -lt 25 ]; do sleep 1; done"
    commands.run("bash", "-c", since)
    assert phase_of("waits-for-room") == "Queued"

    kubectl("label", "node", node, f"{LABEL}=yes")

    try:
        status = ended("waits-for-room")
    finally:
        kubectl("label", "node", node, f"{LABEL}-")
    assert status["phase"] == "Succeeded"
    assert status["attempts"][0]["pod"] == pod["metadata"]["name"]
    # A kubelet that has not seen its own node's new label yet rejects the pod: it is made again.
    early = [attempt["reason"] for attempt in status["attempts"][:-1]]
    assert set(early) <= {"StartFailed"}


def test_a_missing_image_is_told_before_the_start_is_over() -> None:
    spec = {"notebook": {"name": "lacks-image"}, "retryLimit": 0}
    apply("NotebookExecution", "without-image", spec)

    status = _told("without-image", "ImageUnavailable")

    assert status["phase"] == "Queued"
    assert NOWHERE in status["message"]
    kubectl("delete", "nbx", "without-image", "-n", RUNS)


def test_what_a_call_may_not_override_never_gets_a_pod() -> None:
    runtime = {"env": [{"name": "PYTHONWARNINGS", "value": "error"}]}
    apply("NotebookExecution", "overriding", {"notebook": {"name": "quick"}, "runtime": runtime})

    status = ended("overriding")

    assert (status["phase"], status["reason"]) == ("Failed", "InvalidRuntime")
    assert "PYTHONWARNINGS" in status["message"]
    assert pods_of("overriding") == []


def test_autoscalers_and_people_are_told_by_the_pods_labels() -> None:
    apply("NotebookExecution", "labelled", {"notebook": {"name": "quick"}})
    commands.until(lambda: bool(pods_of("labelled")), "its pod", seconds=120)

    metadata = pods_of("labelled")[0]["metadata"]

    assert metadata["labels"]["podbook.dev/notebook"] == "quick"
    assert metadata["labels"]["app.kubernetes.io/managed-by"] == "podbook-operator"
    annotations = metadata["annotations"]
    assert annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
    assert annotations["karpenter.sh/do-not-disrupt"] == "true"
    ended("labelled")


def test_a_restored_backup_runs_nothing_again() -> None:
    apply("NotebookExecution", "backed-up", {"notebook": {"name": "quick"}})
    assert ended("backed-up")["phase"] == "Succeeded"
    backup = kubectl("get", "nbx", "backed-up", "-n", RUNS, "-oyaml")
    kubectl("delete", "nbx", "backed-up", "-n", RUNS)

    kubectl("apply", "-f", "-", stdin=backup)

    status = ended("backed-up")
    assert (status["phase"], status["reason"]) == ("Cancelled", "Restored")
    assert status.get("attempts", []) == []
    assert pods_of("backed-up") == []


# What the namespace's Pod Security lets in: it would be asked first.
RESTRICTED: dict[str, Any] = {
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "containers": [
        {
            "name": "runner",
            "image": "none",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        }
    ],
}


def test_a_member_of_the_namespace_forges_no_run_pod(podbook: Installed) -> None:
    podbook.put("waits-on", notebook("import time\ntime.sleep(600)"))
    apply("NotebookExecution", "forged", {"notebook": {"name": "waits-on"}})
    begun("forged")
    uid = get("nbx", "forged")["metadata"]["uid"]
    member = {"metadata": {"name": "member", "namespace": RUNS}}
    control_plane.apply({"apiVersion": "v1", "kind": "ServiceAccount", **member})
    control_plane.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            **member,
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "edit",
            },
            "subjects": [{"kind": "ServiceAccount", "name": "member", "namespace": RUNS}],
        }
    )
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"nbx-{uid}-2",
            "namespace": RUNS,
            "labels": {"podbook.dev/execution": uid, "podbook.dev/attempt": "2"},
        },
        "spec": RESTRICTED,
    }
    account = f"system:serviceaccount:{RUNS}:member"

    with pytest.raises(commands.CommandFailed, match="only Podbook's operator makes or relabels"):
        kubectl("create", "-f", "-", "--as", account, stdin=json.dumps(pod))
    (made,) = (pod["metadata"]["name"] for pod in pods_of("forged"))
    with pytest.raises(commands.CommandFailed, match="only Podbook's operator makes or relabels"):
        kubectl("label", "pod", made, "-n", RUNS, "podbook.dev/attempt-", "--as", account)

    kubectl("delete", "nbx", "forged", "-n", RUNS)
