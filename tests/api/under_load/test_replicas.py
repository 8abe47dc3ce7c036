"""Two API processes are one: no read misses a write, and one key makes one execution."""

import concurrent.futures

import httpx
import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import customers
from tests.support.customers import created, post


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def test_a_call_is_accepted_and_can_be_read_at_once_on_every_replica(
    api: RunningApi, other_api: RunningApi
) -> None:
    answer = post(api)

    assert answer.status_code == 202
    location = answer.headers["Location"]
    assert location == f"/v1/executions/{answer.json()['id']}"
    for replica in (api, other_api):
        read = replica.http.get(location)
        assert (read.status_code, read.json()["phase"]) == (200, "Queued")


def test_waiting_answers_as_soon_as_the_run_has_ended(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    name = created(api)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        path = f"/v1/executions/{name}?wait=30"
        waiting = [pool.submit(replica.http.get, path) for replica in (api, other_api)]
        FakeRun(cluster, api, name).succeed({"needs_discount": False})
        answers = [future.result(60) for future in waiting]

    for answer in answers:
        body = answer.json()
        assert answer.status_code == 200
        assert (body["phase"], body["reason"]) == ("Succeeded", "NotebookCompleted")
        assert (body["hasOutput"], body["output"]) == (True, {"needs_discount": False})


def test_the_same_key_leads_to_the_same_execution_on_every_replica(
    api: RunningApi, other_api: RunningApi
) -> None:
    def send(number: int) -> httpx.Response:
        return post((api, other_api)[number % 2], headers={"Idempotency-Key": "order-1"})

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(100)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = post(
        api, {"parameters": {"customer_name": "x"}}, headers={"Idempotency-Key": "order-1"}
    )
    assert (other.status_code, other.json()["type"]) == (
        422,
        "urn:podbook:problem:idempotency-key-reused",
    )


def test_a_key_is_good_whatever_becomes_of_the_notebook(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "short")
    path, key = "/v1/notebooks/short/executions", {"Idempotency-Key": "outlives"}
    first = api.http.post(path, json={}, headers=key)
    cluster.request("DELETE", f"{apis.CUSTOM}/notebooks/short")
    eventually(
        lambda: api.http.get("/v1/notebooks/short").status_code == 404, "the deletion is seen"
    )

    again = api.http.post(path, json={}, headers=key)

    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])


def test_a_list_has_what_another_replica_has_just_created(
    api: RunningApi, other_api: RunningApi
) -> None:
    for _ in range(20):
        name = created(api)
        newest = other_api.http.get("/v1/executions?limit=1").json()["items"][0]["id"]
        assert newest == name


def test_a_call_costs_one_write_and_no_read(cluster: EmbeddedCluster, api: RunningApi) -> None:
    created(api)
    cluster.clear_counts()

    created(api)

    made = [c for c in cluster.counts() if c["userAgent"] == "podbook-api"]
    assert [(c["verb"], c["resource"], c["count"]) for c in made] == [
        ("POST", "notebookexecutions", 1)
    ]
