"""One embedded cluster and two APIs on it, for all tests of the API."""

from collections.abc import Iterator
from pathlib import Path

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
def api_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="session")
def operator_config(api_folder: Path) -> Path:
    """The operator's configuration as the API reads it: nothing is limited."""
    path = api_folder / "operator.yaml"
    path.write_text("slots: {total: 100}\n")
    return path


@pytest.fixture(scope="session")
def api(cluster: EmbeddedCluster, api_folder: Path, operator_config: Path) -> Iterator[RunningApi]:
    settings = {
        "PODBOOK_BODY_LIMIT": "1000000",
        "PODBOOK_CATALOG_PUSH": "true",
        "PODBOOK_OPERATOR_CONFIG": str(operator_config),
    }
    with apis.running(cluster, api_folder, **settings) as running:
        yield running


@pytest.fixture(scope="session")
def other_api(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[RunningApi]:
    """A second replica: another process, the same cluster and store."""
    with apis.running(cluster, api_folder, PODBOOK_CATALOG_PUSH="true") as running:
        yield running
