"""An execution is created, waited for, read, cancelled and deleted over REST."""

import concurrent.futures
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import api as apis
from tests.support.api import FakeRun, RunningApi
from tests.support.embedded import EmbeddedCluster

CUSTOMER = {
    "type": "object",
    "properties": {"customer_name": {"type": "string"}, "since": {"format": "date-time"}},
    "required": ["customer_name"],
}
MICROSOFT = {"parameters": {"customer_name": "microsoft"}}


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    apis.put_notebook(cluster, "customers", input=CUSTOMER)
    apis.put_notebook(cluster, "deep", id="reports/2026 é/deep.v1")
    for replica in (api, other_api):
        apis.eventually(
            lambda replica=replica: (
                replica.http.get(  # type: ignore[misc]
                    "/v1/notebooks/reports/2026%20%C3%A9/deep.v1"
                ).is_success
            ),
            "the notebooks are served",
        )


def post(api: RunningApi, body: Any = MICROSOFT, **arguments: Any) -> httpx.Response:
    return api.http.post("/v1/notebooks/customers/executions", json=body, **arguments)


def created(api: RunningApi, body: Any = MICROSOFT) -> str:
    answer = post(api, body)
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["id"]
    return name


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


def test_the_content_is_pinned_at_the_call(cluster: EmbeddedCluster, api: RunningApi) -> None:
    digest = api.http.get("/v1/notebooks/customers").json()["digest"]

    spec = apis.resource(cluster, created(api))["spec"]

    assert spec["notebook"] == {"name": "customers", "digest": digest}
    refused = post(api, {**MICROSOFT, "digest": "sha256:" + "0" * 64})
    assert refused.status_code == 412
    assert digest in refused.json()["detail"]


def test_an_id_may_hold_slashes_blanks_and_letters_of_any_script(api: RunningApi) -> None:
    for path in ("reports/2026%20%C3%A9/deep.v1", "reports%2F2026%20%C3%A9%2Fdeep.v1"):
        answer = api.http.post(f"/v1/notebooks/{path}/executions", json={})

        assert answer.status_code == 202, answer.text
        assert answer.json()["notebook"] == "reports/2026 é/deep.v1"


def test_waiting_answers_as_soon_as_the_run_has_ended(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    name = created(api)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        path = f"/v1/executions/{name}?wait=30"
        waiting = [pool.submit(replica.http.get, path) for replica in (api, other_api)]
        FakeRun(cluster, api, name).succeed({"needs_discount": False})
        answers = [future.result(20) for future in waiting]

    for answer in answers:
        body = answer.json()
        assert answer.status_code == 200
        assert (body["phase"], body["reason"]) == ("Succeeded", "NotebookCompleted")
        assert (body["hasOutput"], body["output"]) == (True, {"needs_discount": False})


def test_a_post_that_waits_answers_200_with_the_end(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    def newest() -> str:
        name: str = api.http.get("/v1/executions?limit=1").json()["items"][0]["id"]
        return name

    last = created(api)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(post, api, headers={"Prefer": "respond-async, wait=30"})
        apis.eventually(lambda: newest() != last, "the execution is listed")
        name = newest()
        run = FakeRun(cluster, api, name)
        run.make_pod().claim()
        run.result(
            "NotebookRaised",
            message="ValueError: no",
            exception={"name": "ValueError", "value": "no", "cell": 0, "traceback": "…"},
        )
        answer = waiting.result(20)

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


def test_pages_are_newest_first_and_stand_still_while_more_is_created(api: RunningApi) -> None:
    made = [created(api) for _ in range(5)]

    def page(**query: Any) -> dict[str, Any]:
        answer = api.http.get("/v1/executions", params={"limit": 2, **query})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first = page()
    created(api)
    second = page(**{"continue": first["continue"]})
    third = page(**{"continue": second["continue"]})
    listed = [item["id"] for item in (*first["items"], *second["items"], *third["items"])]
    assert listed[:5] == made[::-1]
    assert api.http.get("/v1/executions?continue=nonsense").status_code == 422


def test_lists_can_be_narrowed_to_a_notebook_and_a_phase(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    FakeRun(cluster, api, name).succeed()
    created(api)

    query = {"notebook": "customers", "phase": "Succeeded", "limit": "1"}
    items = api.http.get("/v1/executions", params=query).json()["items"]

    assert [item["id"] for item in items] == [name]
    assert api.http.get("/v1/executions?phase=Done").status_code == 422


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
    apis.eventually(lambda: api.http.get("/v1/notebooks/broken").is_success, "it is served")

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
    apis.eventually(lambda: api.http.get("/v1/notebooks/twin-after").is_success, "all are seen")

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


def test_a_call_costs_one_write_and_no_read(cluster: EmbeddedCluster, api: RunningApi) -> None:
    created(api)
    cluster.clear_counts()

    created(api)

    made = [c for c in cluster.counts() if c["userAgent"] == "podbook-api"]
    assert [(c["verb"], c["resource"], c["count"]) for c in made] == [
        ("POST", "notebookexecutions", 1)
    ]


def test_a_key_is_good_whatever_becomes_of_the_notebook(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "short")
    path, key = "/v1/notebooks/short/executions", {"Idempotency-Key": "outlives"}
    first = api.http.post(path, json={}, headers=key)
    cluster.request("DELETE", f"{apis.CUSTOM}/notebooks/short")
    apis.eventually(
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


def test_a_notebook_is_found_as_soon_as_it_is_there(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    for number in range(10):
        apis.put_notebook(cluster, f"instant-{number}", id=f"in/stant {number}")

        assert api.http.get(f"/v1/notebooks/in/stant%20{number}").status_code == 200


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


def test_artifacts_have_their_types_ranges_and_tags(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    name = created(api)
    run = FakeRun(cluster, api, name)
    run.make_pod().claim()
    run.upload("files/a b/ü.txt", b"0123456789", "text/plain; charset=utf-8")
    run.result()
    listed = {a["name"]: a for a in api.http.get(f"/v1/executions/{name}").json()["artifacts"]}
    href = listed["files/a b/ü.txt"]["href"]

    def get(**headers: str) -> tuple[int, bytes]:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        answer = api.http.get(href, headers=sent)
        return answer.status_code, answer.content

    whole = api.http.get(href)
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert whole.headers["content-security-policy"].startswith("sandbox")
    etag = whole.headers["etag"]
    assert get() == (200, b"0123456789")
    assert get(Range="bytes=2-4") == (206, b"234")
    assert get(Range="bytes=7-") == (206, b"789")
    assert get(Range="bytes=-3") == (206, b"789")
    assert get(Range="bytes=-0")[0] == 416
    assert get(Range="bytes=10-")[0] == 416
    assert get(Range="lines=1-2") == (200, b"0123456789")
    assert get(Range="bytes=2-4", If_Range=etag) == (206, b"234")
    assert get(Range="bytes=2-4", If_Range='"other"') == (200, b"0123456789")
    assert get(If_None_Match=etag) == (304, b"")
    assert api.http.head(href).headers["content-length"] == "10"
    assert api.http.get(f"/v1/executions/{name}/artifacts/none").status_code == 404


def test_stopping_answers_who_waits_within_a_second(
    cluster: EmbeddedCluster, api_folder: Path
) -> None:
    stopping = apis.start(cluster, api_folder)
    name = created(stopping)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        path = f"{stopping.url}/v1/executions/{name}?wait=60"
        waiting = pool.submit(httpx.get, path, timeout=30, trust_env=False)
        apis.eventually(lambda: stopping.http.get(f"/v1/executions/{name}").is_success, "it serves")
        assert stopping.stop() == 0
        answer = waiting.result(20)

    assert (answer.status_code, answer.json()["phase"]) == (200, "Queued")
