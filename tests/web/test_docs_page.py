"""/docs of a running API, in a real browser, with no network."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.support import api as apis
from tests.support import embedded
from tests.support.api import RunningApi, eventually, put_notebook
from tests.support.browser import dom

CRDS = sorted((Path(__file__).parents[2] / "crds").glob("*.yaml"))
INPUT = {"type": "object", "properties": {"region": {"type": "string"}}, "required": ["region"]}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[RunningApi]:
    manifests = [argument for path in CRDS for argument in ("--manifest", str(path))]
    folder = tmp_path / "cluster"
    with (
        embedded.running(folder, ["--no-kubelet", *manifests]) as cluster,
        apis.running(cluster, tmp_path / "api") as running,
    ):
        put_notebook(cluster, "sales", id="reports/sales report", input=INPUT)
        eventually(lambda: "sales" in running.http.get("/v1/notebooks").text, "the notebook")
        yield running


def test_docs_show_every_operation_with_no_network(api: RunningApi, tmp_path: Path) -> None:
    document = dom(f"{api.url}/docs", tmp_path)

    assert "getExecution" in document
    assert "reports/sales" in document
    assert "Failed to load" not in document


def test_a_notebook_is_ready_to_be_tried(api: RunningApi, tmp_path: Path) -> None:
    operation = api.http.get("/openapi.json").json()["paths"]
    operation_id = operation["/v1/notebooks/reports/sales%20report/executions"]["post"][
        "operationId"
    ]

    document = dom(f"{api.url}/docs#/reports/{operation_id}", tmp_path)

    # What is sent when nothing is edited: it waits for the result, and the parameters fit.
    assert re.search(r'<input[^>]*placeholder="wait"[^>]*value="30"', document)
    body = re.search(r'<textarea[^>]*class="body-param__text"[^>]*>([^<]*)</textarea>', document)
    assert body is not None
    assert json.loads(unescape(body[1])) == {"parameters": {"region": "text"}}
    assert 'placeholder="Find a notebook"' in document


def test_docs_may_load_from_their_own_origin_alone(api: RunningApi) -> None:
    for path in ("/docs", "/docs/start.js", "/docs/swagger-ui.js", "/docs/swagger-ui.css"):
        answer = httpx.get(api.url + path, trust_env=False)
        policy = answer.headers["content-security-policy"]
        assert answer.status_code == 200
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "http" not in policy
