"""The folder's notebooks are written although others write to them as well."""

from collections.abc import Iterator

import pytest

from podbook_catalog.target.resources import Address, NotebookResources
from podbook_crds import names
from podbook_local.up.manifests import manifests
from rig.embedded import EmbeddedCluster, running

NOTEBOOK = f"/apis/{names.API_VERSION}/namespaces/default/{names.NOTEBOOK_PLURAL}/sales"
MERGE = "application/merge-patch+json"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    options = [word for path in manifests() for word in ("--manifest", str(path))]
    with running(tmp_path_factory.mktemp("c") / "data", ["--no-kubelet", *options]) as started:
        yield started


def test_a_status_written_meanwhile_does_not_keep_an_edit_out(cluster: EmbeddedCluster) -> None:
    address = Address(int(cluster.url.rpartition(":")[2]), cluster.token)
    resources = NotebookResources(address, "owner")
    made = resources.labelled("sales", "sales.ipynb", {"source": {"ipynb": "{}"}})
    assert resources.write([made], []) == {}
    read = resources.present()["sales"]
    status = {"status": {"digest": "sha256:" + "0" * 64}}
    assert cluster.request("PATCH", f"{NOTEBOOK}/status", status, content_type=MERGE)[0] == 200

    edited = {**read, "spec": {"source": {"ipynb": '{"cells": []}'}}}

    assert resources.write([edited], []) == {}
    found = cluster.request("GET", NOTEBOOK)[1]
    assert found["spec"]["source"]["ipynb"] == '{"cells": []}'
    assert found["status"] == status["status"]
