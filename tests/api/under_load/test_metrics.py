"""What a platform engineer can watch of the API, on a port that users do not reach."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rig import api as apis
from rig.api import FakeRun, RunningApi, free_ports
from rig.embedded import EmbeddedCluster
from rig.until import eventually

RUN = "/v1/notebooks/measured/executions"
DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"
OF_THE_OPERATOR = {"podbook_api_calls_total"}
SECRET = "of-the-user-port"


class Watched:
    """An API with metrics, and what it tells of itself."""

    def __init__(self, api: RunningApi, port: int) -> None:
        self.api = api
        self.url = f"http://127.0.0.1:{port}"

    def value(self, name: str, **labels: str) -> float:
        """Return a sample's value, 0 where it is not there."""
        text = httpx.get(f"{self.url}/metrics", trust_env=False).text
        samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
        return sum(s.value for s in samples if s.name == name and s.labels == labels)

    def requests(self, route: str, method: str, status: str) -> float:
        name = "podbook_api_requests_total"
        return self.value(name, route=route, method=method, status=status)


@pytest.fixture(scope="module")
def watched(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[Watched]:
    token = api_folder / "metrics-token"
    token.write_text(SECRET)
    (port,) = free_ports(1)
    settings = {"PODBOOK_AUTH": "token", "PODBOOK_AUTH_TOKEN_FILE": str(token)}
    with apis.running(cluster, api_folder, PODBOOK_METRICS_PORT=str(port), **settings) as api:
        apis.put_notebook(cluster, "measured")
        api.http.headers["Authorization"] = f"Bearer {SECRET}"
        eventually(lambda: api.http.get("/v1/notebooks/measured").is_success, "it is served")
        yield Watched(api, port)


def test_requests_are_counted_by_route_and_status_whatever_stands_in_their_paths(
    watched: Watched,
) -> None:
    one, missing = "/v1/executions/{execution_id}", "/v1/notebooks/{notebook_id:path}"
    name = watched.api.http.post(RUN, json={}).json()["id"]
    before = watched.requests(one, "GET", "200")

    watched.api.http.get(f"/v1/executions/{name}")
    watched.api.http.head(f"/v1/executions/{name}")
    watched.api.http.get("/v1/notebooks/no/such")

    assert watched.requests(one, "GET", "200") == before + 2
    assert watched.requests(missing, "GET", "404") >= 1
    route = "/v1/notebooks/{notebook_id:path}/executions"
    assert watched.requests(route, "POST", "202") >= 1
    assert watched.value("podbook_api_request_seconds_count", route=route, method="POST") >= 1


def test_what_is_refused_or_leads_nowhere_makes_no_series_of_its_own(watched: Watched) -> None:
    api = watched.api
    refused, nowhere = (
        watched.requests("other", "GET", "401"),
        watched.requests("other", "GET", "404"),
    )
    api.http.get("/v1/notebooks", headers={"Authorization": "Bearer no"})
    api.http.get("/wp-login.php")
    api.http.request("BREW", "/coffee")

    assert watched.requests("other", "GET", "401") == refused + 1
    assert watched.requests("other", "GET", "404") == nowhere + 1
    assert watched.requests("other", "other", "404") == 1


def test_the_queue_the_watch_and_the_runners_can_be_seen(
    cluster: EmbeddedCluster, watched: Watched
) -> None:
    name = watched.api.http.post(RUN, json={}).json()["id"]
    assert watched.value("podbook_api_executions", phase="Queued") >= 1

    FakeRun(cluster, watched.api, name).succeed()

    assert watched.value("podbook_api_executions", phase="Succeeded") >= 1
    assert watched.requests("/intake/v1/claim", "POST", "200") >= 1
    assert watched.requests("/intake/v1/artifacts", "PUT", "201") >= 1
    for resource in ("notebooks", "notebookexecutions"):
        assert watched.value("podbook_api_cache_lists_total", of=resource) >= 1
        assert watched.value("podbook_api_cache_failures_total", of=resource) >= 0
    assert watched.value("process_resident_memory_bytes") > 0


def test_a_watch_that_breaks_is_counted(cluster: EmbeddedCluster, watched: Watched) -> None:
    before = watched.value("podbook_api_cache_failures_total", of="notebookexecutions")

    cluster.fault(kind="status", path="notebookexecutions.*watch=true", times=1000, code=503)
    cluster.drop_watches()
    try:
        eventually(
            lambda: (
                watched.value("podbook_api_cache_failures_total", of="notebookexecutions") > before
            ),
            "the failure is counted",
        )
    finally:
        cluster.clear_faults()


def test_the_document_names_every_metric_and_no_other(watched: Watched) -> None:
    named = set(re.findall(r"`(podbook_api_\w+)", DOCUMENT.read_text()))
    text = httpx.get(f"{watched.url}/metrics", trust_env=False).text
    shown = set(re.findall(r"# TYPE (podbook_\w+)", text))

    # Of counters and histograms there is a time of creation too, which nobody needs.
    assert {name for name in shown if not name.endswith("_created")} == named - OF_THE_OPERATOR


def test_neither_users_nor_runners_are_shown_metrics(watched: Watched, api: RunningApi) -> None:
    assert watched.api.http.get("/metrics").status_code == 404
    intake = httpx.get(f"{watched.api.intake_url}/metrics", trust_env=False)
    assert intake.status_code == 404
    for path in ("/", "/v1/executions"):
        assert httpx.get(watched.url + path, trust_env=False).status_code == 404
    assert SECRET not in httpx.get(f"{watched.url}/metrics", trust_env=False).text
