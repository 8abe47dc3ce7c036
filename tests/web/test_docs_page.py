"""/docs of a running API, in a real browser, with no network."""

import json
import re
from html import unescape

import httpx
import pytest

from tests.support.pages import Site, Viewer

# Where a token is asked for, it is for these as well, and a browser's own request has none.
here = pytest.mark.parametrize("site", ["loopback"], indirect=True)


@here
def test_docs_show_every_operation_with_no_network(viewer: Viewer) -> None:
    page = viewer.page
    page.goto(f"{viewer.site.api.url}/docs")

    page.locator("#operations-executions-getExecution").wait_for(state="attached")
    document = page.content()
    assert "getExecution" in document
    assert "reports/sales" in document
    assert "Failed to load" not in document


@here
def test_a_notebook_is_ready_to_be_tried(viewer: Viewer) -> None:
    api, page = viewer.site.api, viewer.page
    operation = api.http.get("/openapi.json").json()["paths"]
    operation_id = operation["/v1/notebooks/reports/sales%20report/executions"]["post"][
        "operationId"
    ]

    page.goto(f"{api.url}/docs#/reports/{operation_id}")
    page.locator("textarea.body-param__text").wait_for(timeout=60_000)
    document = page.content()

    # What is sent when nothing is edited: it waits for the result, and the parameters fit.
    assert re.search(r'<input[^>]*placeholder="wait"[^>]*value="30"', document)
    body = re.search(r'<textarea[^>]*class="body-param__text"[^>]*>([^<]*)</textarea>', document)
    assert body is not None
    assert json.loads(unescape(body[1])) == {"parameters": {"region": "text"}}
    assert 'placeholder="Find a notebook"' in document


@here
def test_docs_may_load_from_their_own_origin_alone(site: Site) -> None:
    for path in ("/docs", "/docs/start.js", "/docs/swagger-ui.js", "/docs/swagger-ui.css"):
        answer = httpx.get(site.api.url + path, trust_env=False)
        policy = answer.headers["content-security-policy"]
        assert answer.status_code == 200
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "http" not in policy
