"""Every address in an answer is one that the caller can ask for, whatever stands in between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig import api as apis
from rig.api import FakeRun, RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import older_surfaces

TOLD = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "books.example"}
OUTSIDE = "https://books.example"


@pytest.fixture(scope="module")
def proxied(cluster: EmbeddedCluster, api_folder: Path) -> Iterator[RunningApi]:
    settings = {
        "PODBOOK_TRUSTED_PROXIES": "127.0.0.1",
        "PODBOOK_ROOT_PATH": "/podbook",
        "PODBOOK_ALLOWED_HOSTS": "books.example",
    }
    with apis.running(cluster, api_folder, **settings) as running:
        older_surfaces.serve(cluster, running)
        yield running


@pytest.fixture(params=["kept", "stripped", "told"])
def outside(request: pytest.FixtureRequest, proxied: RunningApi) -> Iterator[httpx.Client]:
    """A client behind a proxy that keeps the prefix, strips it, or tells of one of its own."""
    inner = "/podbook" if request.param == "kept" else ""
    more = {"X-Forwarded-Prefix": "/podbook/"} if request.param == "told" else {}

    def forward(asked: httpx.Request) -> None:
        path = asked.url.raw_path.decode()
        assert path.startswith("/podbook/"), path
        asked.url = asked.url.copy_with(raw_path=(inner + path[len("/podbook") :]).encode())

    with httpx.Client(
        base_url=proxied.url,
        headers={**TOLD, **more},
        event_hooks={"request": [forward]},
        trust_env=False,
        timeout=60,
    ) as client:
        yield client


def test_v1_links_lead_back(outside: httpx.Client) -> None:
    answer = outside.post(
        "/podbook/v1/notebooks/team/old/executions", json={"parameters": {"name": "x"}}
    )

    shown = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/podbook/v1/executions/{shown['id']}"
    assert shown["links"]["self"] == answer.headers["Location"]
    assert outside.get(answer.headers["Location"]).json()["id"] == shown["id"]
    notebook = outside.get("/podbook/v1/notebooks/team/old").json()
    assert outside.get(notebook["links"]["self"]).json() == notebook


def test_jupyrests_artifacts_lead_back(
    cluster: EmbeddedCluster, proxied: RunningApi, outside: httpx.Client
) -> None:
    body = {"parameters": {"name": "x"}}
    name = outside.post("/podbook/api/notebooks/team/old/execute", json=body).json()["execution_id"]
    FakeRun(cluster, proxied, name).succeed(5)

    shown: dict[str, Any] = outside.get(f"/podbook/api/notebook_executions/{name}").json()

    base = f"/podbook/api/notebook_executions/{name}/artifacts"
    listed = ("html", "ipynb", "html_report", "output")
    assert shown["artifacts"] == {key: f"{base}/{key}" for key in listed}
    assert [outside.get(path).status_code for path in shown["artifacts"].values()] == [200] * 4
    query = {"executionId": name, "output": "true"}
    first = outside.get("/podbook/api/NotebookExecutions", params=query)
    assert (first.status_code, first.json()["output"]) == (200, 5)


def test_the_address_of_a_noteburst_job_is_absolute(outside: httpx.Client) -> None:
    answer = outside.post("/podbook/noteburst/v1/notebooks/", json={"ipynb": apis.HELLO})

    address = answer.headers["Location"]
    assert address == answer.json()["self_url"]
    assert address == f"{OUTSIDE}/podbook/noteburst/v1/notebooks/{answer.json()['job_id']}"
    again = outside.get(address.removeprefix(OUTSIDE)).json()
    assert again == answer.json()


def test_a_failure_speaks_the_surfaces_own_language(outside: httpx.Client) -> None:
    first = outside.post("/podbook/api/NotebookExecutions", json={"notebook": "nope"})
    assert (first.status_code, set(first.json())) == (404, {"detail"})
    later = outside.get("/podbook/api/notebook_executions/nope")
    assert (later.status_code, later.json()["code"]) == (404, "NOTEBOOK_EXECUTION_NOT_FOUND")
    bursts = outside.get("/podbook/noteburst/v1/notebooks/nope")
    assert (bursts.status_code, bursts.json()["detail"][0]["type"]) == (404, "unknown_job")
