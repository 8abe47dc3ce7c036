"""Calls of notebooks with a cache, over HTTP and two replicas."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import httpx
import pytest

from podbook_crds import names
from podbook_crds.resources.model import micro_time
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}
CALLS = 1000
EXECUTIONS = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi) -> None:
    for name in ("remembered", "stormed", "kept-anew", "keyed-answers", "past-it"):
        apis.put_notebook(
            cluster, name, input=SCHEMA, cache={"maxAgeSeconds": 600}, overrides={"env": ["A"]}
        )
    for replica in (api, other_api):
        for name in ("remembered", "past-it"):
            eventually(partial(is_served, replica, name), f"{name} is served")


def is_served(api: RunningApi, name: str) -> bool:
    return api.http.get(f"/v1/notebooks/{name}").is_success


def post(
    api: RunningApi, notebook: str, body: dict[str, Any] | None = None, **headers: str
) -> httpx.Response:
    path = f"/v1/notebooks/{notebook}/executions"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = api.http.post(path, json=body or {}, headers=named)
    assert answer.is_success, answer.text
    return answer


def ended(cluster: EmbeddedCluster, api: RunningApi, name: str, *, ago: float = 0) -> None:
    """End a run well, so many seconds ago."""
    run = FakeRun(cluster, api, name).make_pod()
    run.claim()
    run.upload(names.NOTEBOOK_ARTIFACT, apis.HELLO.encode(), "application/x-ipynb+json")
    at = micro_time(datetime.now(UTC) - timedelta(seconds=ago))
    answer = run.result(output=3, hasOutput=True, startedAt=at, finishedAt=at)
    assert answer.json() == {"final": True}, answer.text
    assert api.http.get(f"/v1/executions/{name}?wait=20").json()["phase"] == "Succeeded"


def test_a_thousand_identical_calls_over_two_replicas_are_one_run(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    async def storm() -> list[tuple[str, str]]:
        async with (
            aiohttp.ClientSession(api.url) as one,
            aiohttp.ClientSession(other_api.url) as two,
        ):

            async def send(number: int) -> tuple[str, str]:
                # A library's own keys, which are there for its repetitions, are in nobody's way.
                headers = {"Idempotency-Key": f"storm-{number}"} if number % 3 == 0 else {}
                session, body = (
                    (one, two)[number % 2],
                    ({}, {"parameters": {"n": 1}})[number % 5 > 2],
                )
                path = "/v1/notebooks/stormed/executions"
                async with session.post(path, json=body, headers=headers) as answer:
                    assert answer.status == 202, await answer.text()
                    return (await answer.json())["id"], answer.headers["Podbook-Cache"]

            return await asyncio.gather(*(send(number) for number in range(CALLS)))

    answers = asyncio.run(storm())

    assert len({name for name, _ in answers}) == 1
    assert sorted({use for _, use in answers}) == ["met", "miss"]
    listed = cluster.request("GET", f"{EXECUTIONS}?labelSelector=podbook.dev/notebook=stormed")[1]
    assert len(listed["items"]) == 1


def test_a_thousand_identical_jobs_over_two_replicas_are_one_run(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    """Clients of that surface send the notebook along, and poll each its own job."""
    notebook = apis.HELLO.replace(
        '"metadata": {"kernelspec"', '"metadata": {"podbook": {"cache": {}}, "kernelspec"'
    ).replace("print('hello')", "print('stormed')")

    async def storm() -> set[str]:
        async with (
            aiohttp.ClientSession(api.url) as one,
            aiohttp.ClientSession(other_api.url) as two,
        ):

            async def send(number: int) -> str:
                path = "/noteburst/v1/notebooks"
                async with (one, two)[number % 2].post(path, json={"ipynb": notebook}) as answer:
                    assert answer.status == 202, await answer.text()
                    return str((await answer.json())["job_id"])

            return set(await asyncio.gather(*(send(number) for number in range(CALLS))))

    (job,) = asyncio.run(storm())

    label = apis.resource(cluster, job)["metadata"]["labels"][names.ANSWER_KEY_LABEL]
    selector = f"labelSelector={names.ANSWER_KEY_LABEL}={label}"
    listed = cluster.request("GET", f"{EXECUTIONS}?{selector}")[1]
    assert [execution["metadata"]["name"] for execution in listed["items"]] == [job]
    for replica in (api, other_api):
        assert replica.http.get(f"/noteburst/v1/notebooks/{job}").json()["status"] == "queued"


def test_an_answer_is_given_again_while_it_is_young_and_says_so(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    first = post(api, "remembered", {"parameters": {"n": 2}})
    assert first.json()["cache"] == {"hit": False, "met": False, "ageSeconds": None}
    name = first.json()["id"]
    ended(cluster, api, name, ago=480)

    hit = post(other_api, "remembered", {"parameters": {"n": 2}}, Cache_Control="max-age=590")

    assert (hit.status_code, hit.headers["Location"]) == (200, f"/v1/executions/{name}")
    assert (hit.json()["id"], hit.json()["output"], hit.json()["phase"]) == (name, 3, "Succeeded")
    assert hit.headers["Podbook-Cache"] == "hit"
    assert 480 <= int(hit.headers["Age"]) <= 560
    assert hit.json()["cache"]["hit"]
    assert int(hit.json()["cache"]["ageSeconds"]) == int(hit.headers["Age"])
    # Shown by itself it is what it is, whoever was given it.
    read = other_api.http.get(f"/v1/executions/{name}")
    assert (read.json()["cache"], "Age" in read.headers) == (None, False)
    assert api.http.get("/v1/notebooks/remembered").json()["cache"] == {
        "maxAgeSeconds": 600,
        "failureMaxAgeSeconds": 0,
        "scope": "caller",
    }


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({}, {"Cache_Control": "no-cache"}),
        ({}, {"Cache_Control": "max-age=1"}),
        ({"maxAgeSeconds": 1}, {}),
        ({"maxAgeSeconds": 600}, {"Cache_Control": "max-age=0"}),
    ],
)
def test_a_call_may_want_one_that_is_younger_or_a_run_of_its_own(
    cluster: EmbeddedCluster, api: RunningApi, body: dict[str, Any], headers: dict[str, str]
) -> None:
    old = post(api, "kept-anew", Cache_Control="no-cache").json()["id"]
    ended(cluster, api, old, ago=60)
    assert post(api, "kept-anew").json()["id"] == old

    anew = post(api, "kept-anew", body, **headers)

    assert anew.status_code == 202
    assert (anew.json()["id"] == old, anew.headers["Podbook-Cache"]) == (False, "miss")
    # And whoever takes any answer meets that one.
    assert post(api, "kept-anew").json()["id"] == anew.json()["id"]


def test_a_rerun_runs(cluster: EmbeddedCluster, api: RunningApi) -> None:
    old = post(api, "kept-anew", {"parameters": {"n": 7}}).json()["id"]
    ended(cluster, api, old)

    again = api.http.post(f"/v1/executions/{old}/rerun", json={})

    assert (again.status_code, again.json()["id"] == old) == (202, False)


def test_a_key_leads_to_what_it_made_and_causes_one_run_at_most(
    cluster: EmbeddedCluster, api: RunningApi, other_api: RunningApi
) -> None:
    body, key = {"parameters": {"n": 3}}, {"Idempotency_Key": "answers-1"}
    made = post(api, "keyed-answers", body, **key).json()["id"]
    with_another = post(other_api, "keyed-answers", body, Idempotency_Key="answers-2").json()["id"]
    apis.write_status(cluster, made, {"phase": "Failed", "reason": "PodLost"})
    eventually(
        lambda: api.http.get(f"/v1/executions/{made}").json()["phase"] == "Failed", "it is seen"
    )

    # What it made answers it though it failed; one that only met that run causes one now.
    repeated = [
        post(replica, "keyed-answers", body, **key).json()["id"] for replica in (api, other_api)
    ]
    anew = post(other_api, "keyed-answers", body, Idempotency_Key="answers-2").json()["id"]
    path = "/v1/notebooks/keyed-answers/executions"
    reused = other_api.http.post(path, json={}, headers={"Idempotency-Key": "answers-1"})

    assert (with_another, repeated) == (made, [made, made])
    assert anew != made
    assert (reused.status_code, reused.json()["type"]) == (
        422,
        "urn:podbook:problem:idempotency-key-reused",
    )


def test_what_wants_something_of_its_own_goes_past_answers_and_leaves_none(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    old = post(api, "past-it").json()["id"]
    secret = "whsec_" + "YWFh" * 8
    for body in (
        {"webhook": {"url": "https://example.org/", "secret": secret}},
        {"runtime": {"env": [{"name": "A", "value": "1"}]}},
        {"outputValidation": "off"},
    ):
        answer = post(api, "past-it", body)
        assert answer.json()["id"] != old
        assert (answer.json()["cache"], "Podbook-Cache" in answer.headers) == (None, False)
        labels = apis.resource(cluster, answer.json()["id"])["metadata"]["labels"]
        assert names.ANSWER_KEY_LABEL not in labels
    assert post(api, "past-it").json()["id"] == old
    # An older version is not what the call asks for.
    digest = "sha256:" + "0" * 64
    path = "/v1/notebooks/past-it/executions"
    assert api.http.post(path, json={"digest": digest}).status_code == 412


def test_a_notebook_that_came_along_says_it_itself_on_both_surfaces(api: RunningApi) -> None:
    notebook = apis.HELLO.replace(
        '"metadata": {"kernelspec"', '"metadata": {"podbook": {"cache": {}}, "kernelspec"'
    )
    large = notebook.replace("print('hello')", "#" + "x" * 300_000)

    for body in (notebook, large):
        jobs = [api.http.post("/noteburst/v1/notebooks", json={"ipynb": body}) for _ in range(2)]
        assert len({job.json()["job_id"] for job in jobs}) == 1, [job.text for job in jobs]
        sent = {"ipynb": body, "parameters": {"n": 9}}
        runs = [api.http.post("/v1/executions", json=sent).json() for _ in range(2)]
        assert len({run["id"] for run in runs}) == 1
        assert runs[1]["cache"]["met"]
    wrong = notebook.replace('"cache": {}', '"cache": {"scope": "all"}')
    refused = api.http.post("/v1/executions", json={"ipynb": wrong})
    assert refused.status_code == 422
    assert "/metadata/podbook/cache/scope" in refused.json()["detail"]
