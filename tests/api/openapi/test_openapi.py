"""The OpenAPI document has one operation for each notebook, and changes with the catalog."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

REFERENCE = {"$ref": "kept"}
MODEL = {
    "type": "object",
    "properties": {"foo": {"type": "string"}, "when": {"$ref": "#/$defs/When"}},
    "required": ["foo"],
    "$defs": {"When": {"type": "string"}},
}
INPUT = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "objects": {"type": "array", "items": {"$ref": "nbschema://sample model"}},
        "pair": {"items": [{"type": "string"}, {"$ref": "#/definitions/N"}]},
        "dependencies": {"enum": [REFERENCE]},
    },
    "definitions": {"N": {"type": "integer"}},
    "required": ["objects"],
}


@pytest.fixture(scope="module", autouse=True)
def _notebooks(cluster: EmbeddedCluster, api: RunningApi) -> None:
    models = {"sample model": {"import": "m:S", "schema": MODEL}}
    apis.put_notebook(
        cluster, "typed", id="a b/typed", input=INPUT, output={"type": "integer"}, models=models
    )
    apis.put_notebook(cluster, "plain")
    eventually(lambda: api.http.get("/v1/notebooks/plain").is_success, "they are served")


def document(api: RunningApi, **query: str) -> dict[str, Any]:
    answer = api.http.get("/openapi.json", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fits(found: dict[str, Any], name: str, value: Any) -> bool:
    registry: Registry[Any] = Registry().with_resource(
        "urn:podbook", Resource.from_contents(found, default_specification=DRAFT202012)
    )
    schema = {"$ref": f"urn:podbook#/components/schemas/{name}"}
    return Draft202012Validator(schema, registry=registry).is_valid(value)


def test_each_notebook_has_an_operation_with_its_own_schemas(api: RunningApi) -> None:
    found = document(api)
    operation = found["paths"]["/v1/notebooks/a%20b/typed/executions"]["post"]

    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    name = body.rsplit("/", 1)[-1]
    assert fits(found, name, {"parameters": {"objects": [{"foo": "a"}]}, "deadlineSeconds": 1})
    for wrong in (
        {},
        {"parameters": {"objects": [{"foo": 1}]}},
        {"parameters": {"objects": [{"foo": "a", "when": 1}]}},
        {"parameters": {"objects": [], "pair": ["a", "b"]}},
        {"parameters": {"objects": [], "dependencies": 1}},
    ):
        assert not fits(found, name, wrong), wrong
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    execution = found["components"]["schemas"][answer.rsplit("/", 1)[-1]]
    assert execution["allOf"][1]["properties"]["output"]["anyOf"][0]["$ref"].endswith(
        "/ABTypedDe34e5f3Output"
    )


def test_the_example_of_a_call_is_one_that_the_notebook_takes(api: RunningApi) -> None:
    found = document(api)
    for path, given in (
        ("a%20b/typed", {"objects": [{"foo": "text", "when": "text"}], "dependencies": REFERENCE}),
        ("plain", {}),
    ):
        operation = found["paths"][f"/v1/notebooks/{path}/executions"]["post"]
        body = operation["requestBody"]["content"]["application/json"]["example"]

        assert body == {"parameters": given}
        answer = api.http.post(f"/v1/notebooks/{path}/executions", json=body)
        assert answer.status_code == 202, answer.text


def test_operation_ids_depend_on_the_notebooks_id_alone(api: RunningApi) -> None:
    paths = document(api)["paths"]

    assert paths["/v1/notebooks/plain/executions"]["post"]["operationId"] == "run_plain"
    typed = paths["/v1/notebooks/a%20b/typed/executions"]["post"]["operationId"]
    assert typed == "run_a_b_typed_de34e5f3"


def test_no_operation_id_stands_twice_and_every_reference_leads_somewhere(api: RunningApi) -> None:
    found = document(api)
    ids = [op["operationId"] for path in found["paths"].values() for op in path.values()]

    assert len(ids) == len(set(ids))
    for reference in references(found):
        node: Any = found
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for child in node for found in references(child)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) and node["$ref"] != "kept" else []
    return own + [found for child in node.values() for found in references(child)]


def test_the_document_can_be_had_for_one_notebook(api: RunningApi) -> None:
    paths = document(api, notebook="plain")["paths"]

    assert "/v1/notebooks/plain/executions" in paths
    assert "/v1/notebooks/a%20b/typed/executions" not in paths
    assert api.http.get("/openapi.json?notebook=nope").status_code == 404


def test_the_etag_changes_with_the_catalog_only(cluster: EmbeddedCluster, api: RunningApi) -> None:
    etag = api.http.get("/openapi.json").headers["ETag"]
    unchanged = api.http.get("/openapi.json", headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")

    apis.put_notebook(cluster, "newcomer")
    eventually(lambda: api.http.get("/v1/notebooks/newcomer").is_success, "it is served")

    changed = api.http.get("/openapi.json", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert "/v1/notebooks/newcomer/executions" in changed.json()["paths"]


def test_the_address_alone_is_the_page_for_people_and_docs_stays_where_it_was(
    api: RunningApi,
) -> None:
    answer = api.http.get("/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Podbook</title>" in answer.text
    assert api.http.get("/docs").status_code == 200


def test_every_object_in_an_execution_is_a_component_with_a_name(api: RunningApi) -> None:
    schemas = document(api)["components"]["schemas"]

    for name in ("Execution", "Summary", "Notebook", "Problem", "Artifact", "Attempt"):
        for field, schema in schemas[name]["properties"].items():
            for part in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
                assert "object" not in part.get("type", ""), (name, field)


def test_definitions_of_any_name_are_led_to_and_none_stands_for_another(
    cluster: EmbeddedCluster, api: RunningApi
) -> None:
    names = {"a/b": "string", "a b": "integer", "a_b": "boolean", "a~b": "null"}
    pointers = {"a/b": "a~1b", "a b": "a%20b", "a_b": "a_b", "a~b": "a~0b"}
    schema = {
        "title": "Input",
        "properties": {
            kind: {"title": "Same", "$ref": f"#/definitions/{pointers[name]}"}
            for name, kind in names.items()
        },
        "definitions": {name: {"title": "Same", "type": kind} for name, kind in names.items()},
    }
    apis.put_notebook(cluster, "named", input=schema)
    eventually(lambda: api.http.get("/v1/notebooks/named").is_success, "it is served")
    found = document(api, notebook="named")["components"]["schemas"]

    for name, kind in names.items():
        reference = found["NamedInput"]["properties"][kind]["$ref"]
        assert found[reference.rsplit("/", 1)[-1]] == {"type": kind}, name
