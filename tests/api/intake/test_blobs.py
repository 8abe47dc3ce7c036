"""Blobs: a run pod gets those of its own execution's content, while its attempt goes on."""

from typing import Any

import httpx
import pytest

from podbook_crds import names
from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import jobs


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    jobs.serve(cluster, api)
    apis.put_notebook(
        cluster, "blobs-of-others", files=[{"path": "secret.txt", "text": "not yours"}]
    )
    eventually(lambda: api.http.get("/v1/notebooks/blobs-of-others").is_success, "it is served")


@pytest.fixture
def run(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    return jobs.queued(cluster, api)


def fetch(run: FakeRun, digest: str) -> httpx.Response:
    return run.call("GET", f"{intake.BLOBS_PATH}/{digest}")


def test_a_pod_gets_what_its_job_names(run: FakeRun) -> None:
    job = run.make_pod().claim()

    for file in (job["ipynb"], *job["files"]):
        assert fetch(run, file["digest"]).content == file["text"].encode()


def test_an_inline_notebook_is_its_own_content(cluster: EmbeddedCluster, api: RunningApi) -> None:
    name = api.http.post("/v1/executions", json={"ipynb": apis.HELLO}).json()["id"]
    run = FakeRun(cluster, api, name)
    job = run.make_pod().claim()

    assert fetch(run, job["ipynb"]["digest"]).content == job["ipynb"]["text"].encode()


def test_another_execution_s_blob_is_as_good_as_none(
    cluster: EmbeddedCluster, api: RunningApi, run: FakeRun
) -> None:
    name = api.http.post("/v1/notebooks/blobs-of-others/executions", json={}).json()["id"]
    theirs = FakeRun(cluster, api, name).make_pod().claim()
    run.make_pod().claim()

    refused = fetch(run, theirs["files"][0]["digest"])

    assert refused.status_code == 404
    assert refused.json() == fetch(run, "sha256:" + "0" * 64).json()


@pytest.mark.parametrize("name", ["..%2f..%2fx", "sha256:..", "x"])
def test_what_is_no_digest_is_no_blob(run: FakeRun, name: str) -> None:
    run.make_pod().claim()

    assert fetch(run, name).status_code == 404


def test_the_content_record_is_no_blob_of_a_job(run: FakeRun, cluster: EmbeddedCluster) -> None:
    """It names the runtime's Secrets and volumes, which a runner has no use for."""
    run.make_pod().claim()
    record = apis.resource(cluster, run.name)["spec"]["notebook"]["digest"]

    assert fetch(run, record).status_code == 404


def test_before_the_claim_there_is_nothing(run: FakeRun, cluster: EmbeddedCluster) -> None:
    claimed = jobs.queued(cluster, run.api).make_pod().claim()
    run.make_pod()

    answer = fetch(run, claimed["files"][0]["digest"])

    assert (answer.status_code, answer.json()["reason"]) == (410, "NotClaimed")


def test_once_its_pod_is_gone_a_token_fetches_nothing(
    run: FakeRun, cluster: EmbeddedCluster
) -> None:
    digest = run.make_pod().claim()["files"][0]["digest"]
    assert fetch(run, digest).is_success
    cluster.request("DELETE", f"{apis.PODS}/{run.pod_name}", {"gracePeriodSeconds": 0})

    answer = fetch(run, digest)

    assert (answer.status_code, answer.json()["reason"]) == (410, "PodGone")


def test_an_attempt_that_was_replaced_fetches_nothing(
    run: FakeRun, cluster: EmbeddedCluster
) -> None:
    digest = run.make_pod().claim()["files"][0]["digest"]
    status = apis.resource(cluster, run.name)["status"]
    ended = {**status["attempts"][0], "finishedAt": "2026-01-01T00:00:01.000000Z"}
    apis.write_status(cluster, run.name, {**status, "attempts": [ended, {"number": 2}]})

    eventually(lambda: fetch(run, digest).status_code == 410, "the end is seen")
    assert fetch(run, digest).json()["reason"] == "GivenUp"


def test_an_edit_of_the_notebook_does_not_take_a_run_s_blobs(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "blobs-edited", files=[{"path": "a.txt", "text": "once"}])
    eventually(lambda: api.http.get("/v1/notebooks/blobs-edited").is_success, "it is served")
    before = api.http.get("/v1/notebooks/blobs-edited").json()["digest"]
    name = api.http.post("/v1/notebooks/blobs-edited/executions", json={}).json()["id"]
    run = FakeRun(cluster, api, name)
    digest = run.make_pod().claim()["files"][0]["digest"]
    path = f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}/blobs-edited"
    edit: dict[str, Any] = {"spec": {"files": []}}
    cluster.request("PATCH", path, edit, content_type="application/merge-patch+json")
    eventually(
        lambda: api.http.get("/v1/notebooks/blobs-edited").json()["digest"] != before,
        "the edit is seen",
    )

    assert fetch(run, digest).content == b"once"
