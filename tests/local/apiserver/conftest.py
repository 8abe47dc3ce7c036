"""One embedded cluster without pods, and one with, for the tests of this folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rig import embedded
from rig.kube_client import Kube, connect, unique
from rig.widgets import DEFINITION, GROUP, PLURAL, a_widget
from tests.support.kubectl import Kubectl

A_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a-pod", "labels": {"app": "x"}},
    "spec": {
        "restartPolicy": "Never",
        "containers": [{"name": "main", "image": "nothing:1", "command": ["sleep", "1"]}],
    },
}
WIDGETS = f"/apis/{GROUP}/v1/namespaces/default/{PLURAL}"


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The definition of the widgets, as a file."""
    path = tmp_path_factory.mktemp("manifest") / "widgets.yaml"
    path.write_text(json.dumps(DEFINITION))
    return path


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, manifest: Path
) -> Iterator[embedded.EmbeddedCluster]:
    """A cluster that runs no pods."""
    folder = tmp_path_factory.mktemp("cluster") / "data"
    options = ["--no-kubelet", "--manifest", str(manifest), "--bookmark-seconds", "1"]
    with embedded.running(folder, options) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def kubectl(cluster: embedded.EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(cluster.kubeconfig, tmp_path_factory.mktemp("kubectl"))


@pytest.fixture
def kube(cluster: embedded.EmbeddedCluster) -> Iterator[Kube]:
    """An administrator in the namespace default; faults are cleared afterwards."""
    with connect(cluster.kubeconfig, namespace="default") as kube:
        yield kube
    if cluster.process.poll() is None:
        cluster.clear_faults()


@pytest.fixture
def widget(kubectl: Kubectl) -> str:
    """A widget of the test's own."""
    name = unique("w")
    kubectl("create", "-f", "-", stdin=json.dumps(a_widget(name)))
    return name
