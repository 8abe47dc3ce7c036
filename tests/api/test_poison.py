"""A storm of calls that cannot be checked in time: everybody else is answered meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support import api as apis
from tests.support.api import RunningApi, put_notebook
from tests.support.embedded import EmbeddedCluster
from tests.support.hostile import HOSTILE

STORM = 30


@pytest.fixture(scope="module")
def small_api(
    cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApi]:
    """An API with one process for checks, each of which may take a second."""
    folder: Path = tmp_path_factory.mktemp("poison")
    bounds = {"PODBOOK_CHECK_PROCESSES": "1", "PODBOOK_CHECK_SECONDS": "1"}
    with apis.running(cluster, folder, **bounds) as running:
        yield running


def test_others_are_answered_while_poison_comes_in(
    cluster: EmbeddedCluster, small_api: RunningApi
) -> None:
    schema, parameters = HOSTILE["a pattern of words"]
    put_notebook(cluster, "poison", input=schema)
    put_notebook(cluster, "harmless", input={"properties": {"n": {"type": "integer"}}})

    def send(_: int) -> httpx.Response:
        path = f"{small_api.url}/v1/notebooks/poison/executions"
        return httpx.post(path, json={"parameters": parameters}, timeout=300, trust_env=False)

    with ThreadPoolExecutor(STORM) as pool:
        storm = [pool.submit(send, number) for number in range(STORM)]
        answered = 0
        while not all(call.done() for call in storm):
            assert small_api.http.get("/healthz", timeout=10).status_code == 200
            call = {"parameters": {"n": 1}}
            path = "/v1/notebooks/harmless/executions"
            assert small_api.http.post(path, json=call, timeout=10).status_code == 202
            assert httpx.get(small_api.intake_url, timeout=10).status_code < 500
            answered += 1
        answers = [call.result() for call in storm]

    assert answered > 1
    assert {answer.status_code for answer in answers} == {422, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert answer.headers["retry-after"]
            assert answer.json()["type"] == "urn:podbook:problem:busy"
        else:
            (wrong,) = answer.json()["errors"]
            assert wrong["pointer"] == "/parameters"
            assert wrong["detail"].startswith("could not be checked within 1 s")


def test_a_dry_run_and_the_older_surfaces_are_refused_in_time_too(
    cluster: EmbeddedCluster, small_api: RunningApi
) -> None:
    schema, parameters = HOSTILE["allOf doubled"]
    put_notebook(cluster, "doubled", input=schema)
    sent = {"parameters": parameters}

    path = "/v1/notebooks/doubled/executions"
    dry = small_api.http.post(path, params={"dryRun": "true"}, json=sent)
    older = small_api.http.post("/api/notebooks/doubled/execute", json=sent)

    assert dry.status_code == 422
    for answer in (dry, older):
        assert "could not be checked within 1 s" in answer.text
