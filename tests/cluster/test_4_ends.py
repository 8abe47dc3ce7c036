"""Ends that only a real node and a real scheduler show: each its own reason, nothing lost."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from rig.ipynb import notebook
from tests.cluster import commands, control_plane
from tests.cluster.installed import (
    RUNS,
    STORE,
    Installed,
    apply,
    ended,
    get,
    kubectl,
    pods_of,
    run,
)
from tests.cluster.progress import SLEEP, begun, kept, phase_of, reason_of
from tests.support.memory import ASKED_TWICE, SAID

# No registry answers there.
NOWHERE = "localhost/podbook/nowhere:1"
# Catches every interrupt and goes on.
STUBBORN = notebook(
    "print('begun')",
    "import time\nwhile True:\n    try:\n        time.sleep(600)\n    except BaseException:\n"
    "        pass",
)
# Goes on when a file is there, with an output that is larger than many a runner.
FLOODS = notebook(
    "print('begun')",
    "import os, time\nwhile not os.path.exists('/work/go'):\n    time.sleep(0.1)",
    "display({'text/plain': 'x' * 200_000_000}, raw=True)",
)
GREEDY = notebook("print('begun')", ASKED_TWICE, "hoard = [bytearray(10**8) for _ in range(20)]")


@pytest.fixture(scope="module", autouse=True)
def notebooks(podbook: Installed) -> None:
    podbook.put("sleep", SLEEP)
    podbook.put("stubborn", STUBBORN, defaults={"deadlineSeconds": 3})
    podbook.put("greedy", GREEDY, runtime={"resources": {"limits": {"memory": "256Mi"}}})
    podbook.put("floods", FLOODS)
    podbook.put("quick", notebook("print('done')"))
    # The node and the scheduler get time to say why these never start, while others run.
    _start_in_vain("no-image", {"image": NOWHERE})
    _start_in_vain("no-node", {"nodeSelector": {"gpu": "many"}})


def _start_in_vain(name: str, runtime: dict[str, Any]) -> None:
    apply("Notebook", name, {"source": {"ipynb": json.dumps(SLEEP)}, "runtime": runtime})
    limits = {"queueTimeoutSeconds": 60, "startTimeoutSeconds": 30, "retryLimit": 0}
    spec = {"notebook": {"name": name}, **limits}
    apply("NotebookExecution", name, spec)


def test_a_kernel_over_its_memory_limit(podbook: Installed) -> None:
    status = run("out-of-memory", notebook={"name": "greedy"})

    assert (status["phase"], status["reason"]) == ("Failed", "OutOfMemory")
    assert re.search(f"its limit of 256Mi: .*; {SAID}", status["message"])
    assert "begun" in kept(podbook, "out-of-memory")


def test_a_runner_over_its_memory_limit(podbook: Installed) -> None:
    """Its limit is made small while it waits; what the kernel sends then is more than that."""
    apply("NotebookExecution", "runner-over", {"notebook": {"name": "floods"}})
    begun("runner-over")
    (pod,) = (pod["metadata"]["name"] for pod in pods_of("runner-over"))
    commands.until(lambda: _is_told("runner-over"), "what was shown is told", seconds=180)
    _shrink_runner(pod)

    kubectl("exec", pod, "-n", RUNS, "-c", "kernel", "--", "touch", "/work/go")

    status = ended("runner-over")
    assert (status["phase"], status["reason"]) == ("Failed", "InternalError")
    assert "ran out of memory" in status["message"]
    assert len(status["attempts"]) == 1
    assert "begun" in kept(podbook, "runner-over")


def _is_told(name: str) -> bool:
    folder = STORE / "executions" / get("nbx", name)["metadata"]["uid"] / ".log"
    # As JSON has it: the source of the cell says the word as well.
    return any('"begun\\n"' in path.read_text() for path in folder.rglob("0*"))


def _shrink_runner(pod: str) -> None:
    """Lower the running container's limit, and wait until the node keeps it."""
    small = {"name": "runner", "resources": {"limits": {"memory": "128Mi"}}}
    patch = json.dumps({"spec": {"containers": [small]}})
    kubectl("patch", "pod", pod, "-n", RUNS, "--subresource=resize", "-p", patch)

    def is_kept() -> bool:
        statuses = get("pod", pod)["status"]["containerStatuses"]
        (runner,) = (status for status in statuses if status["name"] == "runner")
        return bool(runner["resources"]["limits"]["memory"] == "128Mi")

    commands.until(is_kept, "the smaller limit in force", seconds=180)


def test_an_image_that_is_not_there() -> None:
    status = ended("no-image")

    assert (status["phase"], status["reason"]) == ("Failed", "ImageUnavailable")
    assert NOWHERE in status["message"]


def test_no_node_fits() -> None:
    status = ended("no-node")

    assert (status["phase"], status["reason"]) == ("Failed", "QueueTimeout")
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
