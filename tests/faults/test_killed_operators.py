"""Operators that are killed over and over lose nothing and run nothing twice."""

import asyncio
import random

from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    cancel,
    executions,
    operating,
    pods,
    submit,
    until_final,
    until_reason,
    write_config,
)
from rig.until import until

EXECUTIONS = 80
KILLS = 4
SLOTS = 6
FINAL = {"Succeeded", "Failed", "Cancelled"}


async def test_a_burst_of_executions_survives_operators_that_are_killed(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    write_config(cluster, {**CONFIG, "slots": {"total": SLOTS}})
    chance = random.Random(5)
    for number in range(EXECUTIONS):
        behaviour = ("completes", "raises", "reports-only")[number % 3]
        submit(cluster, f"run-{number:03}", notebook=behaviour)

    for _ in range(KILLS):
        enough = min(_ended(cluster) + 8, EXECUTIONS)
        with operating(cluster):
            await _until_ended(cluster, enough)
            await asyncio.sleep(chance.uniform(0, 0.1))  # Some instruction or other.
        cluster.compact()
    with operating(cluster):
        await _until_ended(cluster, EXECUTIONS)
        await until(lambda: not pods(cluster))

    assert node.ran == {f"run-{number:03}": 1 for number in range(EXECUTIONS)}
    assert node.most_kernels <= SLOTS
    outputs = {e["metadata"]["name"]: e["status"].get("output") for e in executions(cluster)}
    assert outputs == {name: {"by": name} for name in node.ran}


async def test_two_operators_at_once_do_nothing_twice(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    names = [f"both-{number}" for number in range(20)]
    with operating(cluster, config=CONFIG), operating(cluster):
        for name in names:
            submit(cluster, name, notebook="reports-only")
        await _until_ended(cluster, len(names))
        await until(lambda: not pods(cluster))

    assert node.ran == dict.fromkeys(names, 1)


async def test_kernels_that_run_already_are_counted_before_anything_is_started(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    one = {**CONFIG, "slots": {"total": 1}}
    with operating(cluster, config=one):
        submit(cluster, "z-runs", notebook="hangs")
        await until_reason(cluster, "z-runs", "CellsRunning")
    for name in ("a-waits", "b-waits", "c-cancelled"):
        submit(cluster, name)
    cancel(cluster, "c-cancelled")

    with operating(cluster):
        await until_final(cluster, "c-cancelled")  # So the others were seen to as well.
        assert len(pods(cluster)) == 1
        node.released.set()
        await until(lambda: _ended(cluster) == 4)

    assert node.most_kernels == 1


async def test_a_pod_that_went_unclaimed_while_no_operator_ran_is_made_again(
    cluster: EmbeddedCluster, node: FakeNode
) -> None:
    with operating(cluster, config=CONFIG):
        submit(cluster, "run", notebook="never-ready", retryLimit=0)
        await until(lambda: node.kernels == 1, what="its pod runs")
    (pod,) = pods(cluster)
    path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}"
    assert cluster.request("DELETE", f"{path}?gracePeriodSeconds=0")[0] == 200
    assert pods(cluster) == []

    with operating(cluster):
        await until(lambda: pods(cluster), what="another pod")
        cancel(cluster, "run")
        status = await until_final(cluster, "run")

    assert (status["reason"], node.ran["run"]) == ("Cancelled", 0)


async def _until_ended(cluster: EmbeddedCluster, count: int) -> None:
    await until(lambda: _ended(cluster) >= count, seconds=60, what=f"the end of {count}")


def _ended(cluster: EmbeddedCluster) -> int:
    return sum(e["status"]["phase"] in FINAL for e in executions(cluster))
