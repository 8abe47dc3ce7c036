"""Two operators, one Lease: one works, the other takes over."""

import signal
from collections.abc import Iterator
from time import monotonic
from typing import cast

import pytest
from kubernetes.aio.client import ApiClient

from podbook_operator.process.lease import DURATION_SECONDS, Leadership
from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Operator,
    operating,
    submit,
    until_final,
)
from rig.until import until

WON = "won the Lease"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/default/leases/operator"


@pytest.fixture
def pair(cluster: EmbeddedCluster) -> Iterator[list[Operator]]:
    """Two operators, the leader first."""
    with (
        operating(cluster, config=CONFIG, PODBOOK_LEASE="operator") as first,
        operating(cluster, config=CONFIG, PODBOOK_LEASE="operator") as second,
    ):
        yield [first, second]
    cluster.request("DELETE", LEASE)


def holder(cluster: EmbeddedCluster) -> str:
    """Return who holds the Lease; empty where nobody does."""
    status, lease = cluster.request("GET", LEASE)
    assert status == 200, lease
    return lease["spec"].get("holderIdentity") or ""


async def sorted_by_leadership(pair: list[Operator]) -> tuple[Operator, Operator]:
    leader = await until(lambda: next((o for o in pair if WON in o.logged()), None))
    (other,) = [operator for operator in pair if operator is not leader]
    return leader, other


async def test_a_leader_that_may_have_lost_the_lease_ends_before_it_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[str] = []
    leadership = Leadership(
        cast(ApiClient, None),
        name="operator",
        namespace="default",
        identity="me",
        die=lambda: ended.append("died"),
    )
    leadership.check()
    assert ended == []

    later = monotonic() + DURATION_SECONDS + 1
    monkeypatch.setattr("podbook_operator.process.lease.monotonic", lambda: later)
    leadership.check()
    assert ended == ["died"]


async def test_the_second_takes_over_at_once_when_the_leader_is_told_to_stop(
    cluster: EmbeddedCluster, pair: list[Operator], node: FakeNode
) -> None:
    leader, other = await sorted_by_leadership(pair)
    submit(cluster, "before")
    await until_final(cluster, "before")
    assert WON not in other.logged()

    await until(lambda: "serving" in leader.logged())
    held_by_leader = holder(cluster)
    leader.process.send_signal(signal.SIGTERM)
    assert leader.process.wait(60) == 0
    # A holder that was not cleared would be waited for until the Lease expires.
    assert held_by_leader
    assert holder(cluster) != held_by_leader
    await until(lambda: WON in other.logged())
    submit(cluster, "after")
    await until_final(cluster, "after")


async def test_a_leader_that_was_stopped_does_nothing_more_when_it_goes_on(
    cluster: EmbeddedCluster, pair: list[Operator], node: FakeNode
) -> None:
    leader, other = await sorted_by_leadership(pair)
    submit(cluster, "before")
    await until_final(cluster, "before")

    leader.process.send_signal(signal.SIGSTOP)
    await until(lambda: WON in other.logged())
    submit(cluster, "meanwhile", notebook="hangs")
    await until(lambda: node.ran["meanwhile"])
    leader.process.send_signal(signal.SIGCONT)

    assert leader.process.wait(60) == 1
    node.released.set()
    await until_final(cluster, "meanwhile")
    assert node.ran["meanwhile"] == 1
