"""The artifact store in a bucket: every way the API uses it, on a real server of the protocol."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from podbook_api.artifacts.store import Store
from podbook_crds.content import blob_digest, blob_path
from podbook_crds.errors import StoreUnavailable
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import jobs, s3
from tests.support.s3 import Bucket

LARGE = os.urandom(12 * 1024 * 1024)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with s3.serving(tmp_path_factory.mktemp("s3")) as bucket:
        yield bucket


@pytest.fixture
def store(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return Store.open(bucket.url)


@pytest.fixture(scope="module")
def s3_api(
    cluster: EmbeddedCluster, bucket: Bucket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApi]:
    settings = {"PODBOOK_STORE": bucket.url, **bucket.environment}
    with apis.running(cluster, tmp_path_factory.mktemp("s3-api"), **settings) as api:
        yield api


async def paths(store: Store, prefix: str) -> list[str]:
    return [stored.path async for stored in store.under(prefix)]


@pytest.mark.parametrize("name", ["plain.txt", "files/ü b%20&?.txt", "files/a+b=c;d"])
async def test_an_object_comes_back_under_its_name(store: Store, name: str) -> None:
    await store.put(f"names/{name}", b"first")
    await store.put(f"names/{name}", b"second")

    assert await store.get(f"names/{name}") == b"second"
    assert f"names/{name}" in await paths(store, "names")
    found = await store.head(f"names/{name}")
    assert found is not None
    assert found.size == 6


async def test_what_is_not_there_is_none_and_no_failure(store: Store) -> None:
    assert await store.get("nothing") is None
    assert await store.head("nothing") is None
    assert await store.get_blob(blob_digest(b"never put")) is None
    assert await paths(store, "nothing") == []
    await store.delete(["nothing"])


async def test_a_large_object_is_written_in_parts_and_read_in_ranges(store: Store) -> None:
    await store.put("large", io.BytesIO(LARGE))

    assert await store.get("large") == LARGE
    for start, end in ((0, 10), (1_000_000, 3_500_000), (len(LARGE) - 3, len(LARGE))):
        assert (
            b"".join([part async for part in store.chunks("large", start, end)])
            == (LARGE[start:end])
        )


async def test_deleted_objects_are_gone_and_others_stay(store: Store) -> None:
    for name in ("a", "b", "c"):
        await store.put(f"delete/{name}", b"x")

    await store.delete(["delete/a", "delete/c", "delete/missing"])

    assert await paths(store, "delete") == ["delete/b"]


async def test_a_listing_holds_more_than_one_page(store: Store) -> None:
    for number in range(1100):
        await store.put(f"pages/{number}", b"")

    assert len(await paths(store, "pages")) == 1100


async def test_a_blob_is_written_once_and_checked(store: Store) -> None:
    digest = await store.put_blob(b"content")
    written = await store.head(blob_path(digest))
    await store.put_blob(b"content")

    assert await store.head(blob_path(digest)) == written
    assert await store.get_blob(digest) == b"content"
    await store.put(blob_path(digest), b"damaged")
    assert await store.get_blob(digest) is None


async def test_a_refusal_names_no_credential(
    bucket: Bucket, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put("closed", b"x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed-and-wrong")

    with pytest.raises(StoreUnavailable) as refused:
        await Store.open(bucket.url).get("closed")

    assert "guessed-and-wrong" not in str(refused.value)
    assert bucket.secret not in str(refused.value)


def test_an_execution_s_artifacts_go_through_the_bucket(
    cluster: EmbeddedCluster, s3_api: RunningApi, bucket: Bucket
) -> None:
    jobs.serve(cluster, s3_api)
    run = jobs.queued(cluster, s3_api)
    job = run.make_pod().claim()
    assert {file["text"] for file in job["files"]} == {file["text"] for file in jobs.FILES}
    run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
    run.upload("files/large.bin", LARGE, "application/octet-stream")
    assert run.result().json() == {"final": True}

    address = f"/v1/executions/{run.name}/artifacts/files/large.bin"
    whole = s3_api.http.get(address)
    part = s3_api.http.get(address, headers={"Range": "bytes=5-9"})

    assert whole.content == LARGE
    assert (part.status_code, part.content) == (206, LARGE[5:10])
    assert bucket.secret not in s3_api.log.read_text()


def test_a_bucket_that_cannot_be_reached_is_told_without_its_key(
    cluster: EmbeddedCluster, bucket: Bucket, tmp_path: Path
) -> None:
    nowhere = {**bucket.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    with apis.running(cluster, tmp_path, PODBOOK_STORE=bucket.url, **nowhere) as api:
        answer = api.http.post("/v1/executions", json={"ipynb": apis.HELLO})

        assert answer.status_code == 503
        assert bucket.secret not in answer.text + api.log.read_text()
