"""No route passes over what changes whether code runs; v1 passes over nothing at all."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from podbook_crds import names
from rig import api as apis
from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from rig.until import eventually

EXECUTIONS = f"{apis.CUSTOM}/{names.EXECUTION_PLURAL}"


class Route(NamedTuple):
    """A request that would be taken as it stands."""

    method: str
    path: str
    body: Any = None


MADE = "00000000-0000-4000-8000-000000000001"
RUNS = [
    Route("POST", "/v1/notebooks/switched/executions", {}),
    Route("POST", "/v1/executions", {"ipynb": apis.HELLO}),
    Route("POST", f"/v1/executions/{MADE}/rerun", {}),
    Route("POST", "/api/NotebookExecutions", {"notebook": "switched"}),
    Route("POST", "/api/notebooks/switched/execute", {}),
    Route("POST", "/noteburst/v1/notebooks", {"ipynb": apis.HELLO}),
    Route("POST", "/noteburst/v1/notebooks/", {"ipynb": apis.HELLO}),
]
CHANGES = [
    *RUNS,
    Route("POST", f"/v1/executions/{MADE}/cancel", {}),
    Route("POST", f"/v1/executions/{MADE}/keep"),
    Route("DELETE", f"/v1/executions/{MADE}/keep"),
    Route("POST", f"/v1/executions/{MADE}/tickets", {"artifact": "notebook.html"}),
    Route("DELETE", f"/v1/executions/{MADE}"),
    Route("PUT", "/v1/notebooks/switched", {"spec": {"source": {"ipynb": apis.HELLO}}}),
    Route("DELETE", "/v1/notebooks/switched"),
    Route("POST", "/v1/notebooks/switched/warm/flush"),
    Route("POST", "/v1/blobs"),
]
READS = [
    Route("GET", "/v1/notebooks"),
    Route("GET", "/v1/notebooks/switched"),
    Route("GET", "/v1/executions"),
    Route("GET", f"/v1/executions/{MADE}"),
    Route("GET", f"/v1/executions/{MADE}/artifacts/notebook.ipynb"),
]
QUERIES = ["dryrun=true", "dry_run=1", "DryRun=All", "dry-run=yes", "validateOnly=true", "whatIf=1"]
HEADERS = [
    ("X-Dry-Run", "true"),
    ("Dry-Run", "All"),
    ("X-HTTP-Method-Override", "GET"),
    ("X-Method-Override", "DELETE"),
    ("If-None-Match", "*"),
    ("If-Unmodified-Since", "Sat, 29 Oct 1994 19:43:31 GMT"),
]


@pytest.fixture(scope="module")
def served(cluster: EmbeddedCluster, api: RunningApi) -> RunningApi:
    apis.put_notebook(cluster, "switched")
    eventually(lambda: api.http.get("/v1/notebooks/switched").is_success, "it is served")
    apis.apply_execution(cluster, MADE, {"notebook": {"name": "switched"}})
    return api


@pytest.fixture(autouse=True)
def _nothing_happens(cluster: EmbeddedCluster) -> Iterator[None]:
    before = resources(cluster)
    yield
    assert resources(cluster) == before


def resources(cluster: EmbeddedCluster) -> dict[str, Any]:
    items = cluster.request("GET", EXECUTIONS)[1]["items"]
    return {item["metadata"]["name"]: item["spec"] for item in items}


def ask(api: RunningApi, route: Route, query: str = "", **headers: str) -> httpx.Response:
    path = f"{route.path}?{query}" if query else route.path
    return api.http.request(route.method, path, json=route.body, headers=headers, timeout=10)


def test_every_route_that_changes_something_is_walked(served: RunningApi) -> None:
    paths = served.http.get("/openapi.json?notebook=switched").json()["paths"]
    known = {
        (method.upper(), path.format(notebook_id="switched", execution_id=MADE))
        for path, operations in paths.items()
        for method in operations
        if method != "get"
    }

    assert known == {(route.method, route.path) for route in CHANGES} - {
        ("POST", "/noteburst/v1/notebooks")
    }


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("route", CHANGES, ids=lambda r: f"{r.method} {r.path}")
def test_a_switch_in_the_query_is_refused_by_its_name(
    served: RunningApi, route: Route, query: str
) -> None:
    answer = ask(served, route, query)

    assert answer.status_code == 400, answer.text
    assert query.partition("=")[0] in answer.text


@pytest.mark.parametrize(("name", "value"), HEADERS)
@pytest.mark.parametrize("route", CHANGES, ids=lambda r: f"{r.method} {r.path}")
def test_a_switch_among_the_headers_is_refused_by_its_name(
    served: RunningApi, route: Route, name: str, value: str
) -> None:
    if (route.method, name) == ("PUT", "If-None-Match"):
        return  # Here it means something: only where there is none.
    answer = ask(served, route, **{name: value})

    assert answer.status_code == 400, answer.text
    assert name.lower() in answer.text


@pytest.mark.parametrize("route", RUNS[3:], ids=lambda r: r.path)
@pytest.mark.parametrize("field", ["dryRun", "parameterize_only", "validate_only"])
def test_a_switch_in_the_body_of_an_older_surface_is_refused(
    served: RunningApi, route: Route, field: str
) -> None:
    answer = ask(served, route._replace(body={**route.body, field: True}))

    assert answer.status_code == 400, answer.text
    assert field in answer.text


@pytest.mark.parametrize(
    "route", [r for r in [*CHANGES, *READS] if r.path.startswith("/v1/")], ids=lambda r: r.path
)
def test_v1_names_what_may_stand_in_the_query(served: RunningApi, route: Route) -> None:
    unknown = ask(served, route, "waitt=5")

    assert unknown.status_code == 400
    assert unknown.json()["type"] == "urn:podbook:problem:unknown-switch"
    assert "'waitt'" in unknown.json()["detail"]
    if "wait" in unknown.json()["detail"].partition(";")[2]:
        twice = ask(served, route, "wait=0&wait=1")
        assert (twice.status_code, "more than once" in twice.text) == (400, True)


@pytest.mark.parametrize("route", RUNS[:2], ids=lambda r: r.path)
def test_a_dry_run_runs_nothing(served: RunningApi, route: Route) -> None:
    body = {**route.body, "parameters": {"x": 5}}
    answer = ask(served, route._replace(body=body), "dryRun=true")

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    assert "x = 5" in answer.text
    for unclear in ("dryRun=", "dryRun", "dryRun=All", "dryRun=false&dryRun=true"):
        assert ask(served, route, unclear).status_code in (400, 422), unclear


def test_a_run_can_be_bound_to_the_notebook_as_it_was_seen(served: RunningApi) -> None:
    tag = served.http.get("/v1/notebooks/switched").headers["ETag"]
    other = tag.replace("sha256:", "sha256:0")

    assert ask(served, RUNS[0], "dryRun=true", **{"If-Match": tag}).status_code == 200
    assert ask(served, RUNS[0], "dryRun=true", **{"If-Match": "*"}).status_code == 200
    assert ask(served, RUNS[0], **{"If-Match": other}).status_code == 412
    assert ask(served, RUNS[3], **{"If-Match": tag}).status_code == 400
