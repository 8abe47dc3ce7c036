"""Cancelling at every moment: before it has a node, while its node starts it, while it runs."""

import json

import pytest

from tests.cluster import commands, slow_registry
from tests.cluster.installed import RUNS, Installed, apply, ended, kubectl, pods_of
from tests.cluster.progress import SLEEP, begun, kept


@pytest.fixture(scope="module", autouse=True)
def notebooks(podbook: Installed) -> None:
    podbook.put("sleep", SLEEP)


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


def test_cancelling_while_its_node_makes_its_containers(podbook: Installed) -> None:
    volume = {"name": "later", "mountPath": "/later", "configMap": {"name": "later"}}
    podbook.put("being-made", SLEEP, runtime={"volumes": [volume]})
    apply("NotebookExecution", "cancelled-while-made", {"notebook": {"name": "being-made"}})
    commands.until(
        lambda: "ContainerCreating" in _waits("cancelled-while-made"), "being made", seconds=180
    )

    answer = podbook.http.post("/v1/executions/cancelled-while-made/cancel")

    assert answer.status_code in (200, 202)
    status = ended("cancelled-while-made")
    assert (status["phase"], status["reason"]) == ("Cancelled", "Cancelled")
    assert status.get("cells", {}).get("completed", 0) == 0
    assert "sleep" in kept(podbook, "cancelled-while-made")
    commands.until(lambda: not pods_of("cancelled-while-made"), "its pod gone", seconds=180)


def test_cancelling_while_its_node_pulls_the_image(podbook: Installed) -> None:
    with slow_registry.serving() as registry:
        podbook.put("pulled", SLEEP, runtime={"image": registry.image})
        apply("NotebookExecution", "cancelled-while-pulled", {"notebook": {"name": "pulled"}})
        commands.until(registry.is_pulled.is_set, "the image being pulled", seconds=180)

        answer = podbook.http.post("/v1/executions/cancelled-while-pulled/cancel")

        assert answer.status_code in (200, 202)
        status = ended("cancelled-while-pulled")
        assert (status["phase"], status["reason"]) == ("Cancelled", "Cancelled")
        assert status.get("cells", {}).get("completed", 0) == 0
        assert "sleep" in kept(podbook, "cancelled-while-pulled")
    # A node does not leave off before the pull has ended.
    commands.until(lambda: not pods_of("cancelled-while-pulled"), "its pod gone", seconds=180)


def _waits(execution: str) -> set[str]:
    """Return what the containers of its pods wait for on their node."""
    statuses = [s for pod in pods_of(execution) for s in pod["status"].get("containerStatuses", [])]
    return {status["state"].get("waiting", {}).get("reason", "") for status in statuses}
