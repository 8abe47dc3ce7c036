"""Every answer of /v1 is what the document says of it, and holds nothing that it does not say."""

import base64
import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from podbook_crds.call_rules.contracts import violations
from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

RUN = "/v1/notebooks/fitting/executions"
RAISED = {"name": "KeyError", "value": "'x'", "cell": 0, "traceback": "Traceback\nKeyError: 'x'"}
CONTRACT = {"type": "object", "properties": {"count": {"type": "integer"}}}


@pytest.fixture(scope="module")
def document(cluster: EmbeddedCluster, api: RunningApi) -> dict[str, Any]:
    apis.put_notebook(cluster, "fitting", input=CONTRACT, output={"type": "integer"})
    eventually(lambda: api.http.get("/v1/notebooks/fitting").is_success, "it is served")
    found: dict[str, Any] = api.http.get("/openapi.json", params={"surface": "v1"}).json()
    return found


def unsaid(value: Any, schema: Any, document: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield where the value holds fields of which the schema knows nothing."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from unsaid(value, document["components"]["schemas"][name], document, at)
        return
    if isinstance(value, list) and "items" in schema:
        for item in value:
            yield from unsaid(item, schema["items"], document, f"{at}/*")
    if choices := schema.get("anyOf"):
        told = [list(unsaid(value, choice, document, at)) for choice in choices]
        yield from min(told, key=len)
    if isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if key not in schema["properties"]:
                yield f"{at}/{key}"
            yield from unsaid(inner, schema["properties"].get(key, {}), document, f"{at}/{key}")


def check(answer: Any, path: str, method: str, document: dict[str, Any]) -> None:
    responses = document["paths"][path][method]["responses"]
    said = responses.get(str(answer.status_code), responses["default"])
    kind = answer.headers["content-type"].partition(";")[0]
    schema = said["content"][kind]["schema"]
    whole = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:podbook", whole)
    led = {"$ref": f"urn:podbook{schema['$ref']}"}
    Draft202012Validator(led, registry=registry).validate(answer.json())
    assert list(unsaid(answer.json(), schema, document)) == []


def test_of_an_execution_in_every_state(
    document: dict[str, Any], cluster: EmbeddedCluster, api: RunningApi
) -> None:
    one = "/v1/executions/{execution_id}"
    secret = base64.b64encode(b"thirty-two bytes, chosen by dice").decode()
    hook = {"url": "https://example.com/hook", "secret": f"whsec_{secret}"}
    asked = api.http.post(RUN, json={"parameters": {"count": 1}, "webhook": hook})
    check(asked, RUN, "post", document)
    run = FakeRun(cluster, api, asked.json()["id"])
    for step in (run.make_pod, run.claim):
        step()
        check(api.http.get(f"/v1/executions/{run.name}"), one, "get", document)
    run.upload("notebook.ipynb", apis.HELLO.encode(), "application/x-ipynb+json")
    wrong = {"type": "urn:podbook:warning:of-a-newer-part", "detail": "x", "cell": 0}
    ended = run.result("NotebookRaised", exception=RAISED, warnings=[wrong], message="KeyError")
    assert ended.status_code == 200, ended.text
    failed = api.http.get(f"/v1/executions/{run.name}?wait=10")
    assert failed.json()["phase"] == "Failed"
    check(failed, one, "get", document)
    name = api.http.post(RUN, json={}).json()["id"]
    check(api.http.post(f"/v1/executions/{name}/cancel"), f"{one}/cancel", "post", document)
    check(api.http.post(f"/v1/executions/{name}/keep"), f"{one}/keep", "post", document)
    check(api.http.post(f"/v1/executions/{name}/rerun", json={}), f"{one}/rerun", "post", document)
    last = FakeRun(cluster, api, api.http.post(RUN, json={}).json()["id"])
    last.succeed(4)
    check(api.http.get(f"/v1/executions/{last.name}?wait=10"), one, "get", document)
    ticket = {"artifact": "notebook.ipynb"}
    issued = api.http.post(f"/v1/executions/{last.name}/tickets", json=ticket)
    check(issued, f"{one}/tickets", "post", document)


def test_of_lists_notebooks_and_refusals(document: dict[str, Any], api: RunningApi) -> None:
    get = api.http.get
    for address, path in (
        ("/v1/notebooks", "/v1/notebooks"),
        ("/v1/notebooks?view=summary", "/v1/notebooks"),
        ("/v1/notebooks/fitting", "/v1/notebooks/{notebook_id}"),
        ("/v1/notebooks/no-such", "/v1/notebooks/{notebook_id}"),
        ("/v1/executions?limit=3", "/v1/executions"),
        ("/v1/executions?limit=0", "/v1/executions"),
        ("/v1/executions/no-such", "/v1/executions/{execution_id}"),
        ("/v1/session", "/v1/session"),
        ("/v1/health", "/v1/health"),
    ):
        check(get(address), path, "get", document)
    check(api.http.post(RUN, json={"parameters": {"count": "x"}}), RUN, "post", document)


def test_the_document_of_v1_leaves_older_surfaces_out_and_has_names_that_generators_take(
    document: dict[str, Any], api: RunningApi
) -> None:
    schemas = document["components"]["schemas"]

    assert {path.split("/")[1] for path in document["paths"]} == {"v1"}
    assert any(path.startswith("/noteburst") for path in get_paths(api))
    assert all(name.isalnum() for name in schemas)
    assert len({name.casefold() for name in schemas}) == len(schemas)
    for name, growing in (("Execution", "phase"), ("Execution", "reason"), ("Problem", "type")):
        # A value that is newer than the client is text.
        assert {"type": "string"} in schemas[name]["properties"][growing]["anyOf"]


def get_paths(api: RunningApi) -> list[str]:
    return list(api.http.get("/openapi.json").json()["paths"])


TEXTS = (
    "",
    " ",
    "x",
    "0",
    "1",
    "1.5",
    "-1",
    "61",
    "full",
    "Failed",
    "newest",
    "2026-11-28T00:00:00Z",
)


def test_a_query_that_the_document_allows_is_taken_and_no_other(
    document: dict[str, Any], cluster: EmbeddedCluster, api: RunningApi
) -> None:
    run = FakeRun(cluster, api, api.http.post(RUN, json={}).json()["id"])
    run.succeed(1)
    filled = {"execution_id": run.name, "notebook_id": "fitting", "name": "output.json"}
    untrue = []
    for template, operations in document["paths"].items():
        for asked in operations.get("get", {}).get("parameters", ()):
            # What /v1/events tells has no end.
            if asked["in"] != "query" or template == "/v1/events":
                continue
            for text in TEXTS:
                query = {asked["name"]: text}
                answer = api.http.get(template.format_map(filled), params=query)
                is_taken = answer.status_code not in (400, 422)
                if is_taken != _is_allowed(text, asked["schema"], document):
                    untrue.append((template, query, answer.status_code))

    assert untrue == [], "\n".join(map(str, untrue))


def _is_allowed(text: str, schema: Any, document: dict[str, Any]) -> bool:
    """A query is text; where the document speaks of a number, the text is to be one."""
    whole = {**schema, "components": document["components"]}
    values: list[Any] = [text]
    with contextlib.suppress(ValueError):
        values.append(json.loads(text))
    return any(not violations(v, whole, models={}, root="", formats=True) for v in values)
