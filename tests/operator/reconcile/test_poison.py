"""What cannot be checked in time delays nobody, and an operator that starts over it no more."""

from collections.abc import Iterator

import pytest

from rig.embedded import EmbeddedCluster
from rig.fake_node import FakeNode
from rig.operators import (
    CONFIG,
    Operator,
    add_notebook,
    cancel,
    operating,
    submit,
    until_final,
)
from tests.support.hostile import HOSTILE

POISON = {name.replace(" ", "-").lower(): name for name in HOSTILE}


@pytest.fixture(scope="module")
def poisoned(cluster: EmbeddedCluster) -> list[str]:
    """Poison notebooks with a poison execution each, there before any operator is."""
    add_notebook(cluster, "large", input={"properties": {f"p{n}": {} for n in range(200)}})
    for name, key in POISON.items():
        schema, parameters = HOSTILE[key]
        add_notebook(cluster, f"n-{name}", input=schema)
        submit(cluster, f"x-{name}", notebook=f"n-{name}", parameters=parameters)
    return [f"x-{name}" for name in POISON]


@pytest.fixture(scope="module")
def operator(cluster: EmbeddedCluster, poisoned: list[str]) -> Iterator[Operator]:
    with operating(cluster, config=CONFIG) as operator:
        yield operator


async def test_an_operator_that_starts_over_poison_works(
    cluster: EmbeddedCluster, node: FakeNode, operator: Operator, poisoned: list[str]
) -> None:
    submit(cluster, "ordinary")
    cancel(cluster, poisoned[0])

    assert (await until_final(cluster, "ordinary"))["reason"] == "NotebookCompleted"
    assert (await until_final(cluster, poisoned[0]))["reason"] == "Cancelled"
    ends = {name: await until_final(cluster, name, seconds=150) for name in poisoned[1:]}

    assert {end["reason"] for end in ends.values()} == {"InvalidParameters"}
    assert all("could not be checked" in end["message"] for end in ends.values()), ends
    assert not set(poisoned) & set(node.ran)
