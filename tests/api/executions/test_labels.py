"""The labels that the API puts on executions, for selectors."""

from typing import Any

import pytest

from podbook_api.submit.labels import of
from podbook_crds import names
from rig import api as apis
from rig.api import HELLO, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

SCHEMA: Any = {
    "properties": {
        "n": {"type": "integer", "default": 3},
        "city": {"default": None},
        "free": True,
        "must": {"type": "string"},
    }
}


@pytest.mark.parametrize(
    "same",
    [
        pytest.param({"n": 3}, id="a default that is spelled out"),
        pytest.param({"city": None}, id="a null that is one"),
        pytest.param({"city": None, "n": 3}, id="in another order"),
    ],
)
def test_calls_that_ask_for_the_same_have_the_same_hash(same: dict[str, Any]) -> None:
    assert of("a", same, SCHEMA) == of("a", {}, SCHEMA)


@pytest.mark.parametrize("other", [{"n": 4}, {"n": 3.0}, {"n": "3"}, {"must": ""}, {"city": ""}])
def test_calls_that_ask_for_something_else_have_another(other: dict[str, Any]) -> None:
    assert of("a", other, SCHEMA) != of("a", {}, SCHEMA)


@pytest.mark.parametrize("schema", [None, {}, {"properties": []}, {"$ref": "#/x"}])
def test_without_declared_defaults_it_is_what_was_sent(schema: Any) -> None:
    assert of(None, {"n": 3}, schema) != of(None, {}, schema)


def test_executions_are_found_by_notebook_and_parameters(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    apis.put_notebook(cluster, "labelled", input=SCHEMA)
    path = "/v1/notebooks/labelled"
    eventually(lambda: api.http.get(path).is_success, "it is served")
    made = [
        api.http.post(f"{path}/executions", json={"parameters": parameters}).json()["id"]
        for parameters in ({}, {"n": 3}, {"n": 4})
    ]
    inline = api.http.post("/v1/executions", json={"ipynb": HELLO}).json()["id"]

    labels = [apis.resource(cluster, name)["metadata"]["labels"] for name in [*made, inline]]

    hashes = [each[names.PARAMETERS_LABEL] for each in labels]
    assert hashes[0] == hashes[1] != hashes[2]
    assert [each.get(names.NOTEBOOK_LABEL) for each in labels] == ["labelled"] * 3 + [None]
    selector = f"{names.NOTEBOOK_LABEL}%3Dlabelled,{names.PARAMETERS_LABEL}%3D{hashes[0]}"
    where = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}?labelSelector={selector}"
    _, found = cluster.request("GET", where)
    assert {item["metadata"]["name"] for item in found["items"]} == set(made[:2])
