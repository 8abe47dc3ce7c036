"""One server that takes pushes, for all tests of this folder."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from podbook_catalog.environments.needs import Needs
from rig import api as apis
from rig import embedded
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster

# What an image holds for notebooks there.
HELD: Final = Needs(("ipykernel", "six"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    folder = tmp_path_factory.mktemp("cluster") / "data"
    with embedded.running(folder, embedded.PLAYED) as running:
        yield running


@pytest.fixture(scope="session")
def api(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    folder = tmp_path_factory.mktemp("api")
    held = {f"unlocked:{HELD.key}": "registry.example.org/team/environments:1"}
    config = {"environments": held, "limits": {"resources": {"memory": "8Gi"}}}
    (folder / "operator.json").write_text(json.dumps(config))
    settings = {"PODBOOK_OPERATOR_CONFIG": str(folder / "operator.json")}
    settings |= {"PODBOOK_CATALOG_PUSH": "true", "PODBOOK_CATALOG_STATUS": "podbook-catalog"}
    with apis.running(cluster, folder, **settings) as running:
        yield running
