"""Pods that wait for a call keep asking the intake: its rollout costs none of them the call."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from podbook_crds import names
from podbook_crds.protocol import intake
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

PODS = 50


@pytest.fixture(scope="module")
def digest(cluster: EmbeddedCluster, other_api: RunningApi) -> str:
    apis.put_notebook(cluster, "waited-for", warm={"max": PODS})
    eventually(lambda: other_api.http.get("/v1/notebooks/waited-for").is_success, "it is seen")
    found: str = other_api.http.get("/v1/notebooks/waited-for").json()["digest"]
    return found


def a_waiting_pod(cluster: EmbeddedCluster, digest: str) -> dict[str, Any]:
    name = f"{names.WARM_POD_PREFIX}{secrets.token_hex(8)}"
    annotations = {
        names.NOTEBOOK_ANNOTATION: "waited-for",
        names.NOTEBOOK_DIGEST_ANNOTATION: digest,
    }
    labels = {names.EXECUTION_LABEL: "", names.WARM_LABEL: names.WARM_IDLE}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": {"containers": [{"name": "runner", "image": "x"}], "restartPolicy": "Never"},
    }
    status, pod = cluster.request("POST", apis.PODS, body)
    assert status == 201, pod
    return dict(pod)


def give(cluster: EmbeddedCluster, pod: dict[str, Any], execution: str) -> None:
    """Make the pod the execution's, as the operator does."""
    uid = apis.resource(cluster, execution)["metadata"]["uid"]
    labels = {
        names.EXECUTION_LABEL: uid,
        names.ATTEMPT_LABEL: "1",
        names.WARM_LABEL: names.WARM_GIVEN,
    }
    owner = {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "name": execution,
        "uid": uid,
        "controller": True,
    }
    annotations = {names.EXECUTION_NAME_ANNOTATION: execution}
    metadata = {"labels": labels, "annotations": annotations, "ownerReferences": [owner]}
    path = f"{apis.PODS}/{pod['metadata']['name']}"
    merge = "application/merge-patch+json"
    status, answer = cluster.request("PATCH", path, {"metadata": metadata}, content_type=merge)
    assert status == 200, answer


def called_for(cluster: EmbeddedCluster, api: RunningApi, pinned: str) -> str:
    answer = api.http.post("/v1/notebooks/waited-for/executions", json={"digest": pinned})
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["id"]
    return name


async def test_a_rollout_costs_no_pod_that_waits_its_call(
    cluster: EmbeddedCluster, other_api: RunningApi, digest: str, tmp_path: Path
) -> None:
    old = apis.start(cluster, tmp_path, PODBOOK_STORE=other_api.store.as_uri())
    waiting = [a_waiting_pod(cluster, digest) for _ in range(PODS)]
    run = FakeRun(cluster, other_api, "")
    tokens = [run.token_of(p["metadata"]["name"], p["metadata"]["uid"]) for p in waiting]
    answers: list[set[int]] = [set() for _ in waiting]
    urls = [old.intake_url, other_api.intake_url]

    async def until_called(client: httpx.AsyncClient, number: int) -> None:
        headers = {"Authorization": f"Bearer {tokens[number]}"}
        while 204 not in answers[number]:
            try:
                path = f"{urls[0]}{intake.CALLED_PATH}?wait=20"
                answer = await client.get(path, headers=headers)
                answers[number].add(answer.status_code)
            except httpx.TransportError:
                urls[:] = urls[-1:]  # It is away: the Service leads to another.

    limits = httpx.Limits(max_connections=PODS)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:
        asking = [asyncio.create_task(until_called(client, n)) for n in range(PODS)]
        await asyncio.to_thread(_given_one, cluster, old, waiting, answers, digest)
        assert await asyncio.to_thread(old.stop) == 0
        for pod in waiting[1:]:
            await asyncio.to_thread(give, cluster, pod, called_for(cluster, other_api, digest))
        await asyncio.wait_for(asyncio.gather(*asking), 60)

    assert all(seen <= {202, 204} for seen in answers), answers
    assert "Traceback" not in old.log.read_text()
    assert "ERROR" not in old.log.read_text()


def _given_one(
    cluster: EmbeddedCluster,
    old: RunningApi,
    waiting: list[dict[str, Any]],
    answers: list[set[int]],
    digest: str,
) -> None:
    """Once one has its answer, the old process has heard the questions of all before it."""
    give(cluster, waiting[0], called_for(cluster, old, digest))
    eventually(lambda: 204 in answers[0], "the first is called")


def test_a_pod_that_was_prepared_for_another_version_runs_nothing(
    cluster: EmbeddedCluster, other_api: RunningApi, digest: str
) -> None:
    """The notebook changed between the choice of the pod and its claim."""
    pod = a_waiting_pod(cluster, f"sha256:{'0' * 64}")
    name = called_for(cluster, other_api, digest)
    give(cluster, pod, name)
    run = FakeRun(cluster, other_api, name)
    run.token = run.token_of(pod["metadata"]["name"], pod["metadata"]["uid"])

    answer = run.call("POST", intake.CLAIM_PATH)

    assert (answer.status_code, answer.json()["reason"]) == (410, "NotebookChanged")
    assert apis.resource(cluster, name)["status"]["phase"] == "Queued"
