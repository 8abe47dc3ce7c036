"""A storm of calls that cannot be checked in time: everybody else is answered meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig import api as apis
from rig.api import RunningApi, put_notebook
from rig.embedded import EmbeddedCluster
from rig.until import eventually
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


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels):
        schema = {"properties": {"x": schema}}
    return schema


def doubling_models(steps: int) -> dict[str, Any]:
    """Return models of which each has the next one twice."""
    both = [
        {"a": {"$ref": f"nbschema://m{n + 1}"}, "b": {"$ref": f"nbschema://m{n + 1}"}}
        for n in range(steps)
    ]
    schemas = [{"properties": each} for each in both] + [{"type": "integer"}]
    return {f"m{n}": {"import": f"m:M{n}", "schema": each} for n, each in enumerate(schemas)}


def test_contracts_that_would_take_for_ever_to_show_are_shown(
    cluster: EmbeddedCluster, small_api: RunningApi
) -> None:
    chain = {f"d{n}": {"properties": {"x": {"$ref": f"#/$defs/d{n + 1}"}}} for n in range(250)}
    shown: dict[str, dict[str, Any]] = {
        **{
            f"example-{number}": {"input": {**schema, "examples": [parameters]}}
            for number, (schema, parameters) in enumerate(HOSTILE.values())
        },
        "deep": {"input": nested(60)},
        "deepest": {"input": nested(120)},
        "chained": {"input": {"$ref": "#/$defs/d0", "$defs": {**chain, "d250": {}}}},
        "models": {"input": {"$ref": "nbschema://m0"}, "models": doubling_models(40)},
    }
    for name, spec in shown.items():
        put_notebook(cluster, f"shown-{name}", **spec)
    addresses = [f"/v1/notebooks/shown-{name}" for name in shown]
    eventually(
        lambda: all(small_api.http.get(address, timeout=10).is_success for address in addresses),
        "all of them are served",
    )

    document = small_api.http.get("/openapi.json", timeout=10).json()

    assert {f"{address}/executions" for address in addresses} <= set(document["paths"])
    contract = small_api.http.get("/v1/notebooks/shown-models").json()["resolved"]
    assert contract["input"]["definitions"]["m40"] == {"type": "integer"}
