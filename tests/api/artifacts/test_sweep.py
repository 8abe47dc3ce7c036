"""The artifact store is swept: what is referred to stays, what is superfluous goes."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podbook_crds.content import blob_digest, blob_path
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

LONG_AGO = 1_000_000_000


@pytest.fixture(scope="module")
def sweeping(
    cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApi]:
    """An API with a store of its own that it sweeps every second."""
    folder = tmp_path_factory.mktemp("swept")
    settings = {"PODBOOK_SWEEP_SECONDS": "1", "PODBOOK_CATALOG_PUSH": "true"}
    with apis.running(cluster, folder, **settings) as running:
        yield running


def aged(path: Path) -> Path:
    """Make a file look as old as what may be swept."""
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def ran(cluster: EmbeddedCluster, api: RunningApi, notebook: str) -> tuple[str, Path]:
    """Return the id of an ended execution, and its folder in the store."""
    name = api.http.post(f"/v1/notebooks/{notebook}/executions", json={}).json()["id"]
    FakeRun(cluster, api, name).succeed(1)
    return name, api.store / "executions" / apis.resource(cluster, name)["metadata"]["uid"]


def put(cluster: EmbeddedCluster, api: RunningApi, name: str, **spec: Any) -> Path:
    """Create a notebook; return the path of its content record."""
    apis.put_notebook(cluster, name, **spec)
    eventually(lambda: api.http.get(f"/v1/notebooks/{name}").is_success, "it is served")
    digest = api.http.get(f"/v1/notebooks/{name}").json()["digest"]
    path = api.store / blob_path(digest)
    eventually(path.exists, "its content is kept")
    return path


def test_what_nobody_refers_to_goes_and_the_rest_stays(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    record = aged(put(cluster, sweeping, "swept-notebook"))
    source = aged(sweeping.store / blob_path(blob_digest(apis.HELLO.encode())))
    orphan = sweeping.store / blob_path(blob_digest(b"orphan"))
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"orphan")
    young = sweeping.store / blob_path(blob_digest(b"young"))
    young.parent.mkdir(parents=True, exist_ok=True)
    young.write_bytes(b"young")
    stray = sweeping.store / "executions" / "never-existed" / "notebook.ipynb"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"{}")
    aged(orphan)
    aged(stray)

    eventually(lambda: not orphan.exists(), "the orphan is swept")
    eventually(lambda: not stray.exists(), "the stray artifact is swept")

    assert young.exists()
    assert record.exists()
    assert source.exists()


def test_artifacts_go_when_their_time_is_over_and_the_record_stays(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    put(cluster, sweeping, "short-lived", defaults={"artifactTtlSeconds": 0})
    kept = sweeping.http.post("/v1/notebooks/short-lived/executions", json={}).json()["id"]
    assert sweeping.http.post(f"/v1/executions/{kept}/keep").json()["keep"] is True
    FakeRun(cluster, sweeping, kept).succeed(1)
    name, folder = ran(cluster, sweeping, "short-lived")

    eventually(lambda: not (folder / "notebook.ipynb").exists(), "the artifacts are swept")

    assert (folder / "execution.json").exists()
    assert sweeping.http.get(f"/v1/executions/{name}").json()["phase"] == "Succeeded"
    left = f"/v1/executions/{kept}/artifacts/notebook.ipynb"
    assert sweeping.http.get(left).content == apis.HELLO.encode()


def test_the_newest_result_of_a_dashboard_keeps_its_artifacts_until_there_is_a_newer_one(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    put(cluster, sweeping, "shown", report={}, defaults={"artifactTtlSeconds": 0})
    put(cluster, sweeping, "not-shown", defaults={"artifactTtlSeconds": 0})
    _, newest = ran(cluster, sweeping, "shown")
    _, other = ran(cluster, sweeping, "not-shown")
    eventually(lambda: not (other / "notebook.ipynb").exists(), "it has been swept since")
    assert (newest / "notebook.ipynb").exists()

    _, newer = ran(cluster, sweeping, "shown")

    eventually(lambda: not (newest / "notebook.ipynb").exists(), "the older result goes")
    assert (newer / "notebook.ipynb").exists()


def test_the_record_of_an_execution_outlives_it(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    put(cluster, sweeping, "long-lived")
    name, folder = ran(cluster, sweeping, "long-lived")
    eventually((folder / "execution.json").exists, "the record is written")
    cluster.request("DELETE", f"{apis.CUSTOM}/notebookexecutions/{name}")
    orphan = folder.parent / "orphan-of-the-test" / "notebook.ipynb"
    orphan.parent.mkdir()
    orphan.write_bytes(b"")
    aged(orphan)

    # Two sweeps that began after the deletion have passed when this is gone.
    eventually(lambda: not orphan.exists(), "it has been swept since")

    assert (folder / "notebook.ipynb").exists()
    assert (folder / "execution.json").exists()


def test_deleting_an_execution_over_rest_removes_what_it_left(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    put(cluster, sweeping, "deleted-notebook")
    name, folder = ran(cluster, sweeping, "deleted-notebook")

    assert sweeping.http.delete(f"/v1/executions/{name}").status_code == 204

    eventually(lambda: not any(path.is_file() for path in folder.glob("*.ipynb")), "it is removed")


def test_pinned_content_stays_as_long_as_an_execution_refers_to_it(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    record = put(cluster, sweeping, "pinned", files=[{"path": "a", "text": "only here"}])
    name = sweeping.http.post("/v1/notebooks/pinned/executions", json={}).json()["id"]
    cluster.request("DELETE", f"{apis.CUSTOM}/notebooks/pinned")
    file = sweeping.store / blob_path(blob_digest(b"only here"))
    orphan = sweeping.store / blob_path(blob_digest(b"a second orphan"))
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"a second orphan")
    for path in (record, file, orphan):
        aged(path)

    eventually(lambda: not orphan.exists(), "it has been swept since")
    assert record.exists()
    assert file.exists()

    cluster.request("DELETE", f"{apis.CUSTOM}/notebookexecutions/{name}")
    eventually(lambda: not record.exists() and not file.exists(), "they are swept then")


def test_a_blob_that_comes_again_is_young_again(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    ipynb = apis.HELLO.replace("hello", "young again")
    path = sweeping.store / blob_path(blob_digest(ipynb.encode()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ipynb.encode())
    aged(path)

    answer = sweeping.http.post("/v1/executions", json={"ipynb": ipynb})

    assert answer.status_code == 202
    assert time.time() - path.stat().st_mtime < 60


def pushed(api: RunningApi, notebook: str, cell: str) -> list[Path]:
    """Push a notebook of one cell; return the paths of what it is made of, made to look old."""
    ipynb = apis.HELLO.replace("print('hello')", cell).encode()
    sent = {"Content-Type": "application/octet-stream"}
    blob = api.http.post("/v1/blobs", content=ipynb, headers=sent).json()["digest"]
    body = {"catalog": "kept", "spec": {"source": {"blob": blob}}}
    digest = api.http.put(f"/v1/notebooks/{notebook}", json=body).json()["digest"]
    return [aged(api.store / blob_path(name)) for name in (blob, digest)]


def test_one_can_go_back_to_a_version_after_sweeps_and_through_another_replica(
    cluster: EmbeddedCluster, sweeping: RunningApi
) -> None:
    old = pushed(sweeping, "kept-versions", "1")
    pushed(sweeping, "kept-versions", "2")
    orphan = sweeping.store / blob_path(blob_digest(b"beside the versions"))
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"x")
    aged(orphan)
    eventually(lambda: not orphan.exists(), "what nobody names has been swept")

    assert all(path.exists() for path in old)
    with apis.running(cluster, sweeping.store.parent, PODBOOK_CATALOG_PUSH="true") as other:
        body = {"catalog": "kept", "rollbackTo": 1}
        assert other.http.put("/v1/notebooks/kept-versions", json=body).status_code == 200
    answer = sweeping.http.post("/v1/notebooks/kept-versions/executions", json={})
    assert answer.status_code == 202

    query = {"catalog": "kept"}
    assert sweeping.http.delete("/v1/notebooks/kept-versions", params=query).status_code == 204
    gone = sweeping.store / blob_path(blob_digest(b"after it is gone"))
    gone.parent.mkdir(parents=True, exist_ok=True)
    gone.write_bytes(b"x")
    aged(gone)
    eventually(lambda: not gone.exists(), "it has been swept twice again")
    assert all(path.exists() for path in old)
