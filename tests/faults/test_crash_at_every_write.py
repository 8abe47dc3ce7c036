"""Killed right before or right after any of its writes, the operator comes to the same end."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import cancel, clear, execution, submit
from tests.support.crashing import Crashed, operate

# What happens in the world, and the reason that it ends with.
WORLDS = {
    "completes": ("NotebookCompleted", 1),
    "raises": ("NotebookRaised", 1),
    "reports-only": ("NotebookCompleted", 1),
    "dies-claimed": ("InternalError", 1),
    "dies-unclaimed": ("StartFailed", 0),
}


@pytest.fixture(autouse=True)
async def clean(cluster: EmbeddedCluster, node: FakeNode) -> AsyncIterator[None]:
    yield
    await clear(cluster)


@pytest.mark.parametrize("notebook", WORLDS)
async def test_the_end_is_the_same_wherever_it_was_killed(
    cluster: EmbeddedCluster, node: FakeNode, notebook: str
) -> None:
    reason, times = WORLDS[notebook]
    await _ran(cluster, "undisturbed", notebook)
    writes = await operate(cluster)
    expected = execution(cluster, "undisturbed")["status"]
    assert expected["reason"] == reason
    assert writes > 0

    # The first writes of the first run were about the catalog: here they are not repeated.
    for number in range(1, writes + 1):
        for before in (True, False):
            name = f"{'before' if before else 'after'}-{number}"
            await _ran(cluster, name, notebook)
            await _crash(cluster, number, before=before)
            await operate(cluster)

            status = execution(cluster, name)["status"]
            assert (status["phase"], status["reason"]) == (expected["phase"], reason), name
            assert [a["number"] for a in status.get("attempts", [])] == [
                a["number"] for a in expected.get("attempts", [])
            ], name
            assert status.get("output") == (expected.get("output") and {"by": name})
            assert node.ran[name] == times, name

    assert node.most_kernels == 1


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("before", [True, False])
async def test_a_cancel_holds_wherever_it_was_killed(
    cluster: EmbeddedCluster, node: FakeNode, number: int, before: bool
) -> None:
    name = f"cancelled-{number}-{before}".lower()
    submit(cluster, name, notebook="hangs")
    cancel(cluster, name)
    await _crash(cluster, number, before=before)
    await operate(cluster)

    assert execution(cluster, name)["status"]["phase"] == "Cancelled"
    assert node.ran[name] <= 1


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("before", [True, False])
async def test_a_pod_that_was_given_up_is_ended_wherever_the_operator_was_killed(
    cluster: EmbeddedCluster, node: FakeNode, number: int, before: bool
) -> None:
    """The second write tells that the attempt is given up, the third deletes its pod."""
    name = f"slow-{number}-{before}".lower()
    submit(cluster, name, notebook="never-ready", startTimeoutSeconds=1, retryLimit=1)
    await _crash(cluster, number, before=before)
    await operate(cluster)

    status = execution(cluster, name)["status"]
    assert [a["reason"] for a in status["attempts"]] == ["StartTimeout"] * 2
    assert (status["reason"], node.ran[name]) == ("StartTimeout", 0)
    assert node.most_kernels == 1


async def _ran(cluster: EmbeddedCluster, name: str, notebook: str) -> None:
    submit(cluster, name, notebook=notebook, retryLimit=1)


async def _crash(cluster: EmbeddedCluster, number: int, *, before: bool) -> None:
    """Operate up to the crash; a run may need fewer writes than the first one did."""
    with suppress(Crashed):
        await operate(cluster, crash_at=number, before=before)
