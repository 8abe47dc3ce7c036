"""Ends that only a real node and a real scheduler show: each its own reason, nothing lost."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import commands, control_plane
from tests.cluster.installed import RUNS, Installed, apply, ended, get, kubectl, pods_of, run
from tests.support.ipynb import notebook, text_of

SLEEP = notebook("print('begun')", "import time\ntime.sleep(600)")
# Catches every interrupt and goes on.
STUBBORN = notebook(
    "print('begun')",
    "import time\nwhile True:\n    try:\n        time.sleep(600)\n    except BaseException:\n"
    "        pass",
)
GREEDY = notebook("print('begun')", "hoard = [bytearray(10**8) for _ in range(20)]")


@pytest.fixture(scope="module", autouse=True)
def notebooks(podbook: Installed) -> None:
    podbook.put("sleep", SLEEP)
    podbook.put("stubborn", STUBBORN, defaults={"deadlineSeconds": 3})
    podbook.put("greedy", GREEDY, runtime={"resources": {"limits": {"memory": "256Mi"}}})
    podbook.put("quick", notebook("print('done')"))


def begun(name: str) -> None:
    """Wait until an execution's cells run."""
    commands.until(lambda: phase_of(name) == "Running", f"{name} running", seconds=180)


def phase_of(name: str) -> str:
    return str(get("nbx", name)["status"]["phase"])


def reason_of(name: str) -> str:
    return str(get("nbx", name)["status"].get("reason", ""))


def kept(podbook: Installed, name: str) -> str:
    """Return the text of the notebook as far as it got."""
    return text_of(podbook.artifact(name, "notebook.ipynb"))


def test_a_kernel_over_its_memory_limit(podbook: Installed) -> None:
    status = run("out-of-memory", notebook={"name": "greedy"})

    assert (status["phase"], status["reason"]) == ("Failed", "OutOfMemory")
    assert "begun" in kept(podbook, "out-of-memory")


def test_an_image_that_is_not_there() -> None:
    runtime = {"image": "localhost/podbook/nowhere:1"}
    apply("Notebook", "nowhere", {"source": {"ipynb": json.dumps(SLEEP)}, "runtime": runtime})

    status = run("no-image", notebook={"name": "nowhere"}, retryLimit=0)

    assert (status["phase"], status["reason"]) == ("Failed", "ImageUnavailable")
    assert "localhost/podbook/nowhere:1" in status["message"]


def test_no_node_fits() -> None:
    runtime = {"nodeSelector": {"gpu": "many"}}
    apply("Notebook", "nowhere-to-go", {"source": {"ipynb": json.dumps(SLEEP)}, "runtime": runtime})

    status = run("no-node", notebook={"name": "nowhere-to-go"}, startTimeoutSeconds=3, retryLimit=0)

    assert (status["phase"], status["reason"]) == ("Failed", "Unschedulable")
    assert "node affinity/selector" in status["message"]


@pytest.fixture
def no_quota() -> Iterator[None]:
    """A quota that has no room for a single pod."""
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "none", "namespace": RUNS},
            "spec": {"hard": {"count/pods": "0"}},
        }
    )

    def is_counted() -> bool:
        return "hard" in get("resourcequota", "none").get("status", {})

    commands.until(is_counted, "the quota in force", seconds=180)
    yield
    kubectl("delete", "resourcequota", "none", "-n", RUNS, "--ignore-not-found")


@pytest.mark.usefixtures("no_quota")
def test_a_full_quota_is_waited_for() -> None:
    apply("NotebookExecution", "waits-for-quota", {"notebook": {"name": "quick"}})
    commands.until(
        lambda: reason_of("waits-for-quota") == "QuotaExceeded", "the quota told", seconds=180
    )
    assert phase_of("waits-for-quota") == "Queued"

    kubectl("delete", "resourcequota", "none", "-n", RUNS)

    assert ended("waits-for-quota")["phase"] == "Succeeded"


@pytest.fixture
def small_pods_only() -> Iterator[None]:
    """A namespace's limit range refuses what is larger."""
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "small", "namespace": RUNS},
            "spec": {"limits": [{"type": "Container", "max": {"memory": "2Gi"}}]},
        }
    )
    yield
    kubectl("delete", "limitrange", "small", "-n", RUNS)


@pytest.mark.parametrize(
    ("runtime", "said"),
    [
        pytest.param(
            {"resources": {"limits": {"memory": "3Gi"}}}, "maximum memory", id="over a limit range"
        ),
        pytest.param({"serviceAccountName": "nobody"}, "nobody", id="an account that is not there"),
    ],
)
@pytest.mark.usefixtures("small_pods_only")
def test_a_pod_that_the_cluster_refuses(runtime: dict[str, Any], said: str) -> None:
    apply("Notebook", "refused", {"source": {"ipynb": json.dumps(SLEEP)}, "runtime": runtime})
    name = f"refused-{said.split(maxsplit=1)[0]}"

    status = run(name, notebook={"name": "refused"})

    assert (status["phase"], status["reason"]) == ("Failed", "InvalidRuntime")
    assert said in status["message"]


def test_a_pod_that_someone_deletes(podbook: Installed) -> None:
    apply("NotebookExecution", "deleted-pod", {"notebook": {"name": "sleep"}})
    begun("deleted-pod")
    (pod,) = pods_of("deleted-pod")

    kubectl("delete", "pod", pod["metadata"]["name"], "-n", RUNS)

    status = ended("deleted-pod")
    assert (status["phase"], status["reason"]) == ("Failed", "PodLost")
    assert "begun" in kept(podbook, "deleted-pod")


def test_a_pod_that_is_evicted(podbook: Installed) -> None:
    apply("NotebookExecution", "evicted", {"notebook": {"name": "sleep"}})
    begun("evicted")
    (pod,) = pods_of("evicted")
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod["metadata"]["name"], "namespace": RUNS},
    }
    path = f"/api/v1/namespaces/{RUNS}/pods/{pod['metadata']['name']}/eviction"

    kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))

    status = ended("evicted")
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    assert "begun" in kept(podbook, "evicted")


def test_a_kernel_that_ignores_its_end_meets_its_deadline(podbook: Installed) -> None:
    status = run("stubborn", notebook={"name": "stubborn"})

    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert "begun" in kept(podbook, "stubborn")
    commands.until(lambda: not pods_of("stubborn"), "its pod gone", seconds=180)


def test_cancelling_what_runs_keeps_its_notebook(podbook: Installed) -> None:
    apply("NotebookExecution", "cancelled", {"notebook": {"name": "sleep"}})
    begun("cancelled")

    assert podbook.http.post("/v1/executions/cancelled/cancel").status_code in (200, 202)

    status = ended("cancelled")
    assert (status["phase"], status["reason"]) == ("Cancelled", "Cancelled")
    assert "begun" in kept(podbook, "cancelled")


def test_cancelling_what_has_not_started_starts_no_cell() -> None:
    apply(
        "Notebook",
        "far",
        {"source": {"ipynb": json.dumps(SLEEP)}, "runtime": {"nodeSelector": {"far": "away"}}},
    )
    apply("NotebookExecution", "cancelled-early", {"notebook": {"name": "far"}})
    commands.until(lambda: bool(pods_of("cancelled-early")), "its pod", seconds=180)

    kubectl(
        "patch",
        "nbx",
        "cancelled-early",
        "-n",
        RUNS,
        "--type=merge",
        "-p",
        '{"spec":{"cancel":true}}',
    )

    status = ended("cancelled-early")
    assert (status["phase"], status["reason"]) == ("Cancelled", "Cancelled")
    assert status.get("cells", {}).get("completed", 0) == 0


def test_a_namespace_with_running_executions_is_deleted_without_help() -> None:
    """No finalizer of ours is in the way; the operator does not serve this namespace at all."""
    kubectl("create", "namespace", "goes")
    execution = {
        "apiVersion": "podbook.dev/v1alpha1",
        "kind": "NotebookExecution",
        "metadata": {"name": "stays", "namespace": "goes"},
        "spec": {"notebook": {"name": "sleep"}},
    }
    control_plane.apply(execution)

    kubectl("delete", "namespace", "goes", "--timeout=180s")
