"""Executions are deleted when their time is over, and not before."""

from typing import Any

from podbook_crds.names import PARAMETERS_LABEL
from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    Operator,
    add_notebook,
    executions,
    operating,
    submit,
    until_final,
    writes,
)
from rig.until import until


def names(cluster: EmbeddedCluster) -> set[str]:
    return {str(found["metadata"]["name"]) for found in executions(cluster)}


async def test_what_is_kept_for_no_time_goes_at_once(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    submit(cluster, "kept")
    submit(cluster, "by-hand", ttlSecondsAfterFinished=0, keep=True)
    await until_final(cluster, "by-hand")
    submit(cluster, "short", ttlSecondsAfterFinished=0)

    await until(lambda: names(cluster) == {"kept", "by-hand"})
    assert (await until_final(cluster, "kept"))["phase"] == "Succeeded"


async def test_the_notebook_says_how_long_its_executions_are_kept(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    add_notebook(cluster, "fleeting", defaults={"ttlSecondsAfterFinished": 0})
    submit(cluster, "run", notebook="fleeting")
    submit(cluster, "kept", notebook="fleeting", ttlSecondsAfterFinished=1000)

    await until(lambda: names(cluster) == {"kept"})


async def test_what_ended_while_no_operator_was_there_is_found_by_the_next_one(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    for number in range(5):
        submit(cluster, f"run-{number}", ttlSecondsAfterFinished=1000)
        await until_final(cluster, f"run-{number}")
    operator.kill()
    for number in range(4):
        _shorten(cluster, f"run-{number}")
    cluster.clear_counts()

    with operating(cluster):
        await until(lambda: names(cluster) == {"run-4"})

    assert writes(cluster, "podbook-operator")["DELETE notebookexecutions"] == 4


async def test_what_is_to_be_kept_longer_meanwhile_is_looked_at_once_more(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    with operating(cluster):
        submit(cluster, "run", ttlSecondsAfterFinished=1000)
        submit(cluster, "next", ttlSecondsAfterFinished=3)
        await until_final(cluster, "run")
        await until_final(cluster, "next")
        _keep(cluster, "next", seconds=1000)
        submit(cluster, "last", ttlSecondsAfterFinished=4)

        await until(lambda: names(cluster) == {"run", "next"})


async def test_the_newest_result_of_a_dashboard_stays_until_there_is_a_newer_one(
    cluster: EmbeddedCluster, operator: Operator, node: FakeNode
) -> None:
    add_notebook(cluster, "shown", report={}, defaults={"ttlSecondsAfterFinished": 0})
    with operating(cluster):
        submit(cluster, "first", notebook="shown", labels={PARAMETERS_LABEL: "a"})
        submit(cluster, "other", notebook="shown", labels={PARAMETERS_LABEL: "b"})
        await until_final(cluster, "first")
        await until_final(cluster, "other")
        submit(cluster, "plain", notebook="shown")
        await until(lambda: names(cluster) == {"first", "other"})
        submit(cluster, "second", notebook="shown", labels={PARAMETERS_LABEL: "a"})
        await until_final(cluster, "second")

    # What it takes the place of goes with the next sweep, which an operator begins with.
    with operating(cluster):
        await until(lambda: names(cluster) == {"second", "other"})


def _shorten(cluster: EmbeddedCluster, name: str) -> None:
    _keep(cluster, name, seconds=0)


def _keep(cluster: EmbeddedCluster, name: str, *, seconds: int) -> None:
    path = f"/apis/podbook.dev/v1alpha1/namespaces/default/notebookexecutions/{name}"
    patch: dict[str, Any] = {"spec": {"ttlSecondsAfterFinished": seconds}}
    merge = "application/merge-patch+json"
    status, answer = cluster.request("PATCH", path, patch, content_type=merge)
    assert status == 200, answer
