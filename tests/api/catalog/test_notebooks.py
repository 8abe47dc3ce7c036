"""Notebooks of the catalog, and those that come with the call."""

import json
import time
from typing import Any

import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import customers
from tests.support.customers import post


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def test_a_notebook_is_found_as_soon_as_it_is_there(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    for number in range(10):
        apis.put_notebook(cluster, f"instant-{number}", id=f"in/stant {number}")

        assert api.http.get(f"/v1/notebooks/in/stant%20{number}").status_code == 200


def test_a_contract_is_said_to_be_read_from_the_notebook_where_there_is_one(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    read = {"type": "object", "properties": {"x": {"type": "integer"}}}
    apis.put_notebook(cluster, "read-from-cells", inferred=True, input=read)
    apis.put_notebook(cluster, "nothing-to-read", inferred=True)

    for name, contract in (("read-from-cells", read), ("nothing-to-read", None)):
        shown = api.http.get(f"/v1/notebooks/{name}").json()
        assert (shown["input"], shown["inferred"]) == (contract, contract is not None)


def test_a_notebook_can_come_with_the_call(cluster: EmbeddedCluster, api: RunningApi) -> None:
    for ipynb in (apis.HELLO, json.loads(apis.HELLO)):
        answer = api.http.post("/v1/executions", json={"ipynb": ipynb, "parameters": {"x": 1}})
        assert answer.status_code == 202, answer.text
        job = FakeRun(cluster, api, answer.json()["id"]).make_pod().claim()
        assert json.loads(job["ipynb"]["text"]) == json.loads(apis.HELLO)
        assert job["parameters"] == '{"x": 1}'


@pytest.mark.parametrize("ipynb", ["{", "{}", '{"nbformat": 4}', {"cells": []}, "[]", '"x"'])
def test_what_is_no_notebook_is_refused(api: RunningApi, ipynb: Any) -> None:
    answer = api.http.post("/v1/executions", json={"ipynb": ipynb})

    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:podbook:problem:invalid-notebook",
    )


def test_a_broken_notebook_refuses_calls_with_its_reason(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "broken", problem="broken.config.json, line 3: a comma is missing")
    eventually(lambda: api.http.get("/v1/notebooks/broken").is_success, "it is served")

    answer = api.http.post("/v1/notebooks/broken/executions", json={})

    assert answer.status_code == 409
    assert "broken.config.json, line 3: a comma is missing" in answer.json()["detail"]
    assert api.http.get("/v1/notebooks/broken").json()["ready"] is False


def test_of_two_notebooks_of_one_id_the_older_serves(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    older = apis.put_notebook(cluster, "twin-b", id="twin")
    time.sleep(1.1 - time.time() % 1)  # creationTimestamp has whole seconds.
    apis.put_notebook(cluster, "twin-a", id="twin", input={"type": "object"})
    apis.put_notebook(cluster, "twin-after")
    eventually(lambda: api.http.get("/v1/notebooks/twin-after").is_success, "all are seen")

    name = api.http.post("/v1/notebooks/twin/executions", json={}).json()["id"]

    reference = apis.resource(cluster, name)["spec"]["notebook"]
    assert reference["name"] == older["metadata"]["name"]


def test_a_dry_run_shows_the_notebook_with_its_parameters_and_runs_nothing(
    api: RunningApi,
) -> None:
    before = api.http.get("/v1/executions?limit=1").json()["items"][0]["id"]

    answer = post(api, params={"dryRun": "true"})

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    injected, cell = answer.json()["cells"]
    assert "customer_name = 'microsoft'" in "".join(injected["source"]).replace('"', "'")
    assert "".join(cell["source"]) == "print('hello')"
    assert api.http.get("/v1/executions?limit=1").json()["items"][0]["id"] == before
    assert post(api, {"parameters": {}}, params={"dryRun": "true"}).status_code == 422


def test_an_id_may_hold_slashes_blanks_and_letters_of_any_script(api: RunningApi) -> None:
    for path in ("reports/2026%20%C3%A9/deep.v1", "reports%2F2026%20%C3%A9%2Fdeep.v1"):
        answer = api.http.post(f"/v1/notebooks/{path}/executions", json={})

        assert answer.status_code == 202, answer.text
        assert answer.json()["notebook"] == "reports/2026 é/deep.v1"
