"""One embedded cluster and one operator for all tests of a file; a node for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from rig import embedded
from rig.embedded import EmbeddedCluster
from rig.fake_node import BEHAVIOURS, FakeNode, fake_node
from rig.operators import CONFIG, NO_KUBELET, Operator, add_notebook, clear, operating


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """A cluster without pods being run, with a notebook for each behaviour of the fake node."""
    folder = tmp_path_factory.mktemp("embedded")
    with embedded.running(folder / "cluster", NO_KUBELET) as cluster:
        for name in BEHAVIOURS:
            add_notebook(cluster, name)
        yield cluster


@pytest.fixture(scope="module")
def operator(cluster: EmbeddedCluster) -> Iterator[Operator]:
    """An operator that goes on through all tests of a file."""
    authority = cluster.folder.parent / "ca.crt"
    authority.write_text("-----BEGIN CERTIFICATE-----\nfirst")
    with operating(cluster, config=CONFIG, PODBOOK_INTAKE_CA_FILE=str(authority)) as operator:
        yield operator


@pytest.fixture
async def node(cluster: EmbeddedCluster) -> AsyncIterator[FakeNode]:
    """A node; nothing is left over when the test ends."""
    async with fake_node(cluster) as node:
        yield node
        cluster.clear_faults()
        await clear(cluster)
