"""An upgrade half done: parts of this release beside what the last one's API and operator write.

The definition of executions is the last release's, so no new field is ever stored.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podbook_crds import names
from podbook_crds.resources.model import micro_time
from rig import api as apis
from rig import embedded, operators
from rig.api import CUSTOM, FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.operators import CONFIG
from rig.until import eventually

ROOT = Path(__file__).parents[2]
DEFINITIONS = (
    ROOT / "crds" / "notebooks.podbook.dev.yaml",
    Path(__file__).parent / "last_release" / "notebookexecutions.yaml",
)
RUNS = "/v1/notebooks/report/executions"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    options = ["--no-kubelet", *(f"--manifest={path}" for path in DEFINITIONS)]
    with embedded.running(tmp_path_factory.mktemp("upgrade") / "data", options) as cluster:
        properties = {"x": {"type": "integer"}}
        contract = {"type": "object", "properties": properties}
        apis.put_notebook(cluster, "report", input=contract, inputValidation="report")
        yield cluster


@pytest.fixture(scope="module")
def api(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    with apis.running(cluster, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def operator(cluster: EmbeddedCluster) -> Iterator[None]:
    with operators.operating(cluster, config=CONFIG):
        yield


def begun(cluster: EmbeddedCluster, api: RunningApi) -> FakeRun:
    """Return a call of this release's API whose pod an operator of the last one made."""
    asked = api.http.post(RUNS, json={"parameters": {"x": 1, "y": 2}})
    assert asked.status_code == 202, asked.text
    run = FakeRun(cluster, api, asked.json()["id"]).make_pod()
    apis.write_status(cluster, run.name, {"phase": "Queued", "reason": "PodCreated"})
    return run


def shown(api: RunningApi, name: str) -> dict[str, Any]:
    found: dict[str, Any] = api.http.get(f"/v1/executions/{name}").json()
    return found


def test_what_the_last_releases_operator_begins_and_ends_is_told_in_full(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    run, other = begun(cluster, api), begun(cluster, api)
    run.claim()
    other.claim()
    attempts = apis.resource(cluster, other.name)["status"]["attempts"]
    killed = {
        "phase": "Failed",
        "reason": "OutOfMemory",
        "message": "the kernel was killed",
        "attempts": [{**attempts[0], "finishedAt": "2026-11-22T12:00:01.000000Z"}],
        "finishedAt": "2026-11-22T12:00:01.000000Z",
    }

    run.result(output=7, hasOutput=True)
    apis.write_status(cluster, other.name, killed)

    ended = shown(api, run.name)
    assert (ended["phase"], ended["output"]) == ("Succeeded", 7)
    waited = api.http.get(f"/v1/executions/{other.name}", params={"wait": 5}).json()
    assert (waited["phase"], waited["reason"]) == ("Failed", "OutOfMemory")
    assert waited["explanation"]["fault"]
    # What the call was warned of is there, though no status has a place for it.
    assert ended["warnings"] == waited["warnings"] == shown(api, run.name)["warnings"] != []
    (line,) = [
        line
        for line in api.http.get("/v1/executions", params={"phase": "Failed"}).json()["items"]
        if line["id"] == other.name
    ]
    assert line["warnings"] == len(waited["warnings"])


def test_a_run_goes_on_when_its_operator_is_upgraded(
    cluster: EmbeddedCluster, api: RunningApi, request: pytest.FixtureRequest
) -> None:
    run = begun(cluster, api)
    run.claim()

    request.getfixturevalue("operator")
    run.result(output=[1, 2], hasOutput=True)

    ended = shown(api, run.name)
    assert (ended["phase"], ended["output"], len(ended["attempts"])) == ("Succeeded", [1, 2], 1)


@pytest.mark.usefixtures("operator")
def test_what_the_last_releases_api_makes_is_run_and_told(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    digest = api.http.get("/v1/notebooks/report").json()["digest"]
    # By which its content is in the store, as the last one's call would have pinned it.
    assert api.http.post(RUNS, json={"parameters": {"x": 1}}).status_code == 202
    name = "of-the-last-release"
    annotations = {
        names.SUBMITTED_ANNOTATION: micro_time(datetime.now(UTC)),
        names.SURFACE_ANNOTATION: "v1",
        names.NOTEBOOK_ID_ANNOTATION: "report",
    }
    body = {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"notebook": {"name": "report", "digest": digest}, "parameters": {"x": 1}},
    }
    assert cluster.request("POST", f"{CUSTOM}/{names.EXECUTION_PLURAL}", body)[0] == 201

    run = FakeRun(cluster, api, name)
    pod = eventually(lambda: _pod(cluster, run.pod_name), "its pod, which the operator makes")
    run.token = run.token_of(run.pod_name, pod["metadata"]["uid"])
    job = run.claim()
    run.result(output={"sum": 1}, hasOutput=True)

    assert (job["notebookId"], json.loads(job["parameters"])) == ("report", {"x": 1})
    ended = shown(api, name)
    assert (ended["phase"], ended["output"]) == ("Succeeded", {"sum": 1})
    listed = api.http.get("/v1/executions", params={"notebook": "report"}).json()["items"]
    assert name in [line["id"] for line in listed]
    again = api.http.post(f"/v1/executions/{name}/rerun", json={})
    assert again.status_code == 202, again.text


def test_what_the_last_releases_definition_cannot_keep_is_refused_and_said(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    run = begun(cluster, api)
    path = f"{CUSTOM}/{names.EXECUTION_PLURAL}"
    before = len(cluster.request("GET", path)[1]["items"])

    for asked in (
        api.http.post(f"/v1/executions/{run.name}/keep"),
        api.http.post(RUNS, json={"inputValidation": "off"}),
    ):
        assert asked.status_code == 422
        assert "definition of executions is an older release's" in asked.json()["detail"]
    assert len(cluster.request("GET", path)[1]["items"]) == before


def _pod(cluster: EmbeddedCluster, name: str) -> Any:
    status, pod = cluster.request("GET", f"{apis.PODS}/{name}")
    return pod if status == 200 else None
