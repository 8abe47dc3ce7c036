"""An execution is created, waited for, read, cancelled and deleted over REST."""

import concurrent.futures
import json
import socket
from pathlib import Path

import httpx
import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import customers
from tests.support.customers import MICROSOFT, created, post


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    customers.serve(cluster, api, other_api)


def test_the_content_is_pinned_at_the_call(cluster: EmbeddedCluster, api: RunningApi) -> None:
    digest = api.http.get("/v1/notebooks/customers").json()["digest"]

    spec = apis.resource(cluster, created(api))["spec"]

    assert spec["notebook"] == {"name": "customers", "digest": digest}
    refused = post(api, {**MICROSOFT, "digest": "sha256:" + "0" * 64})
    assert refused.status_code == 412
    assert digest in refused.json()["detail"]


def test_a_post_that_waits_answers_200_with_the_end(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    def newest() -> str:
        name: str = api.http.get("/v1/executions?limit=1").json()["items"][0]["id"]
        return name

    last = created(api)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(post, api, headers={"Prefer": "respond-async, wait=30"})
        eventually(lambda: newest() != last, "the execution is listed")
        name = newest()
        run = FakeRun(cluster, api, name)
        run.make_pod().claim()
        run.result(
            "NotebookRaised",
            message="ValueError: no",
            exception={"name": "ValueError", "value": "no", "cell": 0, "traceback": "…"},
        )
        answer = waiting.result(60)

    assert answer.status_code == 200
    assert answer.json()["exception"]["name"] == "ValueError"
    assert answer.json()["phase"] == "Failed"


def test_a_wait_that_is_over_answers_202(api: RunningApi) -> None:
    assert post(api, params={"wait": "0.05"}).status_code == 202


@pytest.mark.parametrize("wait", ["61", "-1", "soon", "nan", ""])
def test_a_wait_that_is_no_time_is_refused(api: RunningApi, wait: str) -> None:
    assert post(api, params={"wait": wait}).status_code == 422


def test_every_violation_is_named_by_its_pointer(api: RunningApi) -> None:
    parameters = {"customer_name": 1, "since": "yesterday", "zone": 2, "for": 3, "a b": 4}

    answer = post(api, {"parameters": parameters})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/parameters/customer_name",
        "/parameters/since",
        "/parameters/zone",
        "/parameters/for",
        "/parameters/a b",
    }


VALUES = {
    "customer_name": "\ud800 lone",
    "one": 1.0,
    "large": 2**70,
    "text": "\u2028'\"\\\n",
    "nothing": None,
    "deep": {"list": [1.5, -0.0, {"null": None}]},
}


def test_values_come_back_as_they_were_sent(cluster: EmbeddedCluster, api: RunningApi) -> None:
    body = json.dumps({"parameters": VALUES}).encode()
    answer = api.http.post(
        "/v1/notebooks/reports/2026%20%C3%A9/deep.v1/executions",
        content=body,
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 202, answer.text
    job = FakeRun(cluster, api, answer.json()["id"]).make_pod().claim()
    for text in (json.dumps(answer.json()["parameters"]), job["parameters"]):
        assert repr(json.loads(text)) == repr(VALUES)


def test_an_output_comes_back_as_it_was_saved(cluster: EmbeddedCluster, api: RunningApi) -> None:
    output = {"ratio": 1.0, "count": 2**70, "none": None}
    name = created(api)

    FakeRun(cluster, api, name).succeed(output)

    assert repr(api.http.get(f"/v1/executions/{name}").json()["output"]) == repr(output)


def test_a_queued_execution_whose_pod_exists_is_starting(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    FakeRun(cluster, api, name).make_pod()

    shown = api.http.get(f"/v1/executions/{name}").json()

    assert (shown["phase"], shown["reason"]) == ("Starting", "PodCreated")
    assert apis.resource(cluster, name)["status"] == {"phase": "Queued"}


def test_cancelling_asks_for_the_end_once(cluster: EmbeddedCluster, api: RunningApi) -> None:
    name = created(api)

    for _ in range(2):
        answer = api.http.post(f"/v1/executions/{name}/cancel")
        assert (answer.status_code, answer.json()["cancelled"]) == (200, True)

    assert apis.resource(cluster, name)["spec"]["cancel"] is True
    refused = FakeRun(cluster, api, name).make_pod().call("POST", "/intake/v1/claim")
    assert (refused.status_code, refused.json()["reason"]) == (410, "Cancelling")


def test_a_final_execution_stays_as_it_is_when_cancelled(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    FakeRun(cluster, api, name).succeed()

    answer = api.http.post(f"/v1/executions/{name}/cancel")

    assert (answer.status_code, answer.json()["phase"]) == (200, "Succeeded")


def test_what_was_deleted_is_gone_at_once(api: RunningApi) -> None:
    name = created(api)

    assert api.http.delete(f"/v1/executions/{name}").status_code == 204

    assert api.http.get(f"/v1/executions/{name}").status_code == 404
    assert api.http.delete(f"/v1/executions/{name}").status_code == 404


def test_a_caller_that_hangs_up_leaves_nothing_waiting(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get(f"/v1/executions/{name}?wait=60", timeout=0.2)

    FakeRun(cluster, api, name).succeed()

    assert api.http.get(f"/v1/executions/{name}").json()["phase"] == "Succeeded"


def test_too_many_queued_are_refused_for_a_while(
    cluster: EmbeddedCluster, api_folder: Path
) -> None:
    with apis.running(cluster, api_folder, PODBOOK_QUEUE_LIMIT="1") as busy:
        answer = post(busy)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")


def test_stopping_answers_who_waits_within_a_second(
    cluster: EmbeddedCluster, api_folder: Path
) -> None:
    stopping = apis.start(cluster, api_folder)
    name = created(stopping)
    host, port = stopping.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as waiting:
        path = f"/v1/executions/{name}"
        waiting.sendall(f"GET {path}?wait=60 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        # What was sent later has been answered: the first request is being waited for.
        assert stopping.http.get(path).status_code == 200

        assert stopping.stop() == 0

        waiting.settimeout(60)
        answer = b"".join(iter(lambda: waiting.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"phase":"Queued"' in answer


def test_parameters_that_are_no_json_hide_nothing_else(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    spec = {"notebook": {"name": "customers"}, "parametersText": '{"x": 1, "x": 2}'}
    apis.apply_execution(cluster, "no-json", spec)
    eventually(lambda: api.http.get("/v1/executions/no-json").status_code != 404, "it is seen")

    shown = api.http.get("/v1/executions/no-json")
    assert (shown.status_code, shown.json()["parameters"]) == (200, {})
    for path in ("/api/NotebookExecutions?executionId=no-json", "/api/notebook_executions/no-json"):
        assert api.http.get(path).status_code == 200
    assert api.http.post("/v1/executions/no-json/rerun", json={}).status_code == 422
