"""One server that takes pushes, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from rig import api as apis
from rig import embedded
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    folder = tmp_path_factory.mktemp("cluster") / "data"
    with embedded.running(folder, embedded.PLAYED) as running:
        yield running


@pytest.fixture(scope="session")
def api(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    settings = {"PODBOOK_CATALOG_PUSH": "true", "PODBOOK_CATALOG_STATUS": "podbook-catalog"}
    with apis.running(cluster, tmp_path_factory.mktemp("api"), **settings) as running:
        yield running
