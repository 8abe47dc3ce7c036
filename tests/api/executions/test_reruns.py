"""A run is made once more, as it was or edited; what is secret in it stays so, and what is kept."""

from datetime import datetime
from typing import Any

import pytest

from podbook_crds import names
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support.notebooks import code, ipynb

LOGIN = {"type": "object", "properties": {"secret": {"type": "string", "format": "password"}}}
INPUT = {
    "type": "object",
    "properties": {
        "region": {"type": "string"},
        "year": {"type": "integer", "default": 2026},
        "password": {"type": "string", "writeOnly": True},
        "login": {"$ref": "nbschema://Login"},
    },
    "required": ["region"],
}
MODELS = {"Login": {"import": "models:Login", "schema": LOGIN}}
GIVEN = {"region": "north", "password": "hush", "login": {"secret": "hush"}}
HIDDEN = {"region": "north", "password": "•••", "login": "•••"}


@pytest.fixture(scope="module")
def former(cluster: EmbeddedCluster, api: RunningApi) -> str:
    """The id of a run that succeeded."""
    apis.put_notebook(cluster, "again", input=INPUT, models=MODELS)
    eventually(lambda: api.http.get("/v1/notebooks/again").is_success, "it is served")
    body = {"parameters": GIVEN, "retryLimit": 5}
    name: str = api.http.post("/v1/notebooks/again/executions", json=body).json()["id"]
    FakeRun(cluster, api, name).succeed(1)
    return name


def rerun(api: RunningApi, name: str, **body: Any) -> dict[str, Any]:
    answer = api.http.post(f"/v1/executions/{name}/rerun", json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def spec(cluster: EmbeddedCluster, name: str) -> dict[str, Any]:
    found: dict[str, Any] = apis.resource(cluster, name)["spec"]
    return found


def test_a_run_is_made_again_as_it_was(
    cluster: EmbeddedCluster, api: RunningApi, former: str
) -> None:
    again = rerun(api, former)

    assert (again["rerunOf"], again["phase"], again["notebook"]) == (former, "Queued", "again")
    assert spec(cluster, again["id"]) == spec(cluster, former)
    assert api.http.get(again["links"]["rerun"]).status_code == 405


def test_a_run_is_made_again_with_other_parameters(
    cluster: EmbeddedCluster, api: RunningApi, former: str
) -> None:
    again = rerun(api, former, parameters={"region": "south", "year": 3}, without=["login"])
    misfit = api.http.post(f"/v1/executions/{former}/rerun", json={"parameters": {"year": "x"}})
    unknown = api.http.post("/v1/executions/nothing/rerun", json={})

    wanted = {"region": "south", "year": 3, "password": "hush"}
    assert spec(cluster, again["id"])["parameters"] == wanted
    assert (misfit.status_code, misfit.json()["errors"][0]["pointer"]) == (422, "/parameters/year")
    assert (unknown.status_code, unknown.json()["type"]) == (
        404,
        "urn:podbook:problem:unknown-execution",
    )


def test_the_same_version_runs_again_after_the_notebook_has_moved_on(
    cluster: EmbeddedCluster, api: RunningApi, former: str
) -> None:
    apis.put_notebook(cluster, "moving", input=INPUT, models=MODELS)
    moving = "/v1/notebooks/moving"
    eventually(lambda: api.http.get(moving).is_success, "it is served")
    body = {"parameters": {"region": "north"}}
    first = api.http.post(f"{moving}/executions", json=body).json()
    path = f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}/moving"
    patch = {"spec": {"source": {"ipynb": ipynb(code("print(2)")).decode()}}}
    cluster.request("PATCH", path, patch, content_type="application/merge-patch+json")
    before = first["notebookDigest"]
    eventually(lambda: api.http.get(moving).json()["digest"] != before, "it has changed")

    same = rerun(api, first["id"], version="same")
    current = rerun(api, first["id"])

    assert same["notebookDigest"] == before
    assert current["notebookDigest"] == api.http.get(moving).json()["digest"] != before
    job = FakeRun(cluster, api, same["id"]).make_pod().claim()
    assert (
        job["ipynb"]["digest"]
        != FakeRun(cluster, api, current["id"]).make_pod().claim()["ipynb"]["digest"]
    )


def test_what_a_digest_leads_to_is_run_only_where_it_is_a_version_of_the_notebook(
    cluster: EmbeddedCluster, api: RunningApi, former: str
) -> None:
    other = api.http.get("/v1/notebooks/moving").json()["digest"]
    claims = {"name": "again", "digest": other}
    parameters = {"region": "north"}
    apis.apply_execution(cluster, "claiming", {"notebook": claims, "parameters": parameters})
    eventually(lambda: api.http.get("/v1/executions/claiming").is_success, "it is there")

    refused = api.http.post("/v1/executions/claiming/rerun", json={"version": "same"})

    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:podbook:problem:version-gone",
    )


def test_a_notebook_that_came_along_runs_again(cluster: EmbeddedCluster, api: RunningApi) -> None:
    first = api.http.post("/v1/executions", json={"ipynb": apis.HELLO}).json()

    again = rerun(api, first["id"], parameters={"x": 1})

    assert again["rerunOf"] == first["id"]
    assert spec(cluster, again["id"])["notebook"] == spec(cluster, first["id"])["notebook"]


def test_secrets_are_shown_in_no_view(
    cluster: EmbeddedCluster, api: RunningApi, former: str
) -> None:
    by_hand = {"notebook": {"name": "again"}, "parameters": GIVEN}
    apis.apply_execution(cluster, "again-by-hand", by_hand)
    eventually(lambda: api.http.get("/v1/executions/again-by-hand").is_success, "it is there")

    listed = api.http.get("/v1/executions?notebook=again&limit=500")

    assert "hush" not in listed.text
    for name in (former, "again-by-hand"):
        shown = api.http.get(f"/v1/executions/{name}")
        assert "hush" not in shown.text
        assert shown.json()["parameters"] == HIDDEN
        line = next(item for item in listed.json()["items"] if item["id"] == name)
        assert '"password":"•••"' in line["parameters"]


def test_what_is_kept_says_until_when(
    cluster: EmbeddedCluster, api: RunningApi, former: str
) -> None:
    path = f"/v1/executions/{former}"
    before = api.http.get(path).json()

    kept = api.http.post(f"{path}/keep").json()
    again = api.http.post(f"{path}/keep")
    back = api.http.request("DELETE", f"{path}/keep").json()

    ended = datetime.fromisoformat(before["finishedAt"])
    assert (datetime.fromisoformat(before["expiresAt"]) - ended).days == 14
    assert (datetime.fromisoformat(before["artifactsExpireAt"]) - ended).days == 7
    assert (kept["keep"], kept["expiresAt"], kept["artifactsExpireAt"]) == (True, None, None)
    assert again.is_success
    assert (back["keep"], back["expiresAt"]) == (False, before["expiresAt"])
    assert api.http.post("/v1/executions/nothing/keep").status_code == 404
