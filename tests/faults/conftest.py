"""One embedded cluster for all tests of a file; a node for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from rig import embedded
from rig.embedded import EmbeddedCluster
from rig.fake_node import BEHAVIOURS, FakeNode, fake_node
from rig.operators import NO_KUBELET, add_notebook, clear


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """A cluster whose pods are played, with a notebook for each behaviour of the fake node."""
    folder = tmp_path_factory.mktemp("embedded")
    with embedded.running(folder / "cluster", NO_KUBELET) as cluster:
        for name in BEHAVIOURS:
            add_notebook(cluster, name)
        yield cluster


@pytest.fixture
async def node(cluster: EmbeddedCluster) -> AsyncIterator[FakeNode]:
    """A node; nothing is left over when the test ends."""
    async with fake_node(cluster) as node:
        yield node
        cluster.clear_faults()
        await clear(cluster)
