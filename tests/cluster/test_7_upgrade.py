"""An upgrade loses nothing, and uninstalling leaves what is not the release's own.

The last of the cluster's tests: it takes the release away.
"""

import json

import pytest

from rig.ipynb import notebook
from tests.cluster import commands, installed
from tests.cluster.installed import (
    NAMESPACE,
    RUNS,
    Installed,
    apply,
    ended,
    get,
    helm,
    kubectl,
    pods_of,
)
from tests.cluster.progress import begun

DEFINITIONS = ("notebooks.podbook.dev", "notebookexecutions.podbook.dev")


def _upgrade(*settings: str) -> None:
    values = ("--values", str(installed.VALUES))
    chart = ("upgrade", installed.RELEASE, str(installed.CHART), "--namespace", NAMESPACE)
    helm(*chart, *values, *settings)
    for part in ("api", "operator"):
        kubectl(
            *("rollout", "status", f"deployment/podbook-{part}", "--namespace", NAMESPACE),
            "--timeout=180s",
        )


def test_what_runs_during_an_upgrade_ends_well(podbook: Installed) -> None:
    held = "import os, time\nwhile not os.path.exists('/work/go'):\n    time.sleep(0.1)"
    podbook.put("takes-a-while", notebook(held, "print('at last')"))
    apply("NotebookExecution", "upgraded", {"notebook": {"name": "takes-a-while"}})
    begun("upgraded")
    (pod,) = pods_of("upgraded")
    before = [get("crd", name)["metadata"]["uid"] for name in DEFINITIONS]

    _upgrade("--set", "api.podAnnotations.new=yes", "--set", "operator.podAnnotations.new=yes")
    go = ("--", "touch", "/work/go")
    kubectl("exec", pod["metadata"]["name"], "-n", RUNS, "-c", "kernel", *go)

    status = ended("upgraded", seconds=180)
    assert (status["phase"], status["reason"]) == ("Succeeded", "NotebookCompleted")
    assert len(status["attempts"]) == 1
    assert [get("crd", name)["metadata"]["uid"] for name in DEFINITIONS] == before


@pytest.mark.usefixtures("podbook")
def test_uninstalling_leaves_the_executions_and_their_definitions() -> None:
    said = helm("uninstall", installed.RELEASE, "--namespace", NAMESPACE, "--wait")

    for kept in (*DEFINITIONS, "runs", "podbook-store"):
        assert kept in said
    assert get("nbx", "upgraded")["status"]["phase"] == "Succeeded"
    assert get("namespace", RUNS)["status"]["phase"] == "Active"
    assert get("pvc", "podbook-store", namespace=NAMESPACE)["status"]["phase"] == "Bound"


@pytest.mark.usefixtures("podbook")
def test_an_execution_is_deleted_while_nobody_is_there() -> None:
    kubectl("delete", "nbx", "upgraded", "-n", RUNS, "--timeout=20s")


@pytest.mark.usefixtures("podbook")
def test_a_release_of_another_name_takes_over_what_was_left() -> None:
    """As docs/how-to/operations.md has it; without taking ownership Helm refuses."""
    values = (
        "--values",
        str(installed.VALUES),
        "--set",
        "store.volume.existingClaim=podbook-store",
    )
    chart = ("install", "notebooks", str(installed.CHART), "--namespace", NAMESPACE, *values)
    with pytest.raises(commands.CommandFailed, match="invalid ownership metadata"):
        helm(*chart)

    helm(*chart, "--take-ownership")

    for part in ("api", "operator"):
        deployment = f"deployment/notebooks-podbook-{part}"
        kubectl("rollout", "status", deployment, "--namespace", NAMESPACE, "--timeout=240s")
    apply("NotebookExecution", "by-the-other", {"notebook": {"name": "takes-over"}})
    apply("Notebook", "takes-over", {"source": {"ipynb": json.dumps(notebook("print('done')"))}})
    assert ended("by-the-other")["phase"] == "Succeeded"
    helm("uninstall", "notebooks", "--namespace", NAMESPACE, "--wait")
