"""A page per notebook and parameters, which always shows the last good result."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from podbook_crds import names
from rig import api as apis
from rig.api import FakeRun, write_status
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import browser as browsers
from tests.support import pages, website
from tests.support.notebooks import code, ipynb
from tests.support.pages import Site, Viewer
from tests.support.signing_proxy import signing

# Milliseconds: a page is made in a process of its own, which has to start.
DRAWN = 30_000
RBAC = "/apis/rbac.authorization.k8s.io/v1"


def asked_for(site: Site, customer: str) -> dict[str, Any]:
    query = f"customer={customer}&podbook.view=state"
    answer = site.api.http.get(f"/v1/reports/board?{query}", headers=site.headers())
    found: dict[str, Any] = answer.json()
    return found


def running(site: Site, customer: str) -> FakeRun:
    """Return the run that goes on, once there is one."""
    line = eventually(lambda: asked_for(site, customer)["running"], "a run")
    return FakeRun(site.cluster, site.api, line["id"])


def succeed(run: FakeRun, says: str) -> None:
    drawn = code("show()", html=f"<p>{says}</p><div style='height: 3000px'>tall</div><p>end</p>")
    run.make_pod().claim()
    run.upload(names.NOTEBOOK_ARTIFACT, ipynb(drawn), "application/x-ipynb+json")
    assert run.result(output=1, hasOutput=True).status_code == 200


def fail(run: FakeRun) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    end = {"phase": "Failed", "reason": "NotebookRaised", "message": "ValueError: no data"}
    write_status(run.cluster, run.name, {**end, "finishedAt": now})


def test_looking_computes_and_the_last_good_result_stays(viewer: Viewer) -> None:
    site, customer = viewer.site, f"walked-{viewer.site.token}".replace(" ", "")
    page = viewer.open(f"/reports/board?customer={customer}")
    expect(page.get_by_text("It is being computed for the first time.")).to_be_visible()
    succeed(running(site, customer), "the first")
    frame = page.frame_locator(".drawn > div:not(.next) iframe")
    expect(frame.get_by_text("the first")).to_be_visible(timeout=DRAWN)
    expect(page).to_have_title("Customers · Podbook")
    expect(page.get_by_text("Computed")).to_be_visible()
    assert viewer.violations() == []
    viewer.picture("dashboard")

    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("It waits for a slot")).to_be_visible()
    expect(page.get_by_role("button", name="Running …")).to_be_disabled()
    frame.get_by_text("end").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 500
    succeed(running(site, customer), "the second")
    expect(frame.get_by_text("the second")).to_be_attached(timeout=DRAWN)
    expect(page.locator(".drawn iframe")).to_have_count(1)
    assert abs(page.evaluate("scrollY") - before) <= 60

    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Run again").click()
    fail(running(site, customer))
    expect(page.get_by_text("The last run failed")).to_be_visible()
    expect(page.get_by_text("What stands below is the last good result.")).to_be_visible()
    expect(frame.get_by_text("the second")).to_be_visible(timeout=DRAWN)
    viewer.picture("dashboard-failed")
    posts = [request for request in viewer.asked if request.method == "POST"]
    states = [request for request in viewer.asked if "podbook.view" in request.url]
    page.reload()
    expect(page.get_by_text("The last run failed")).to_be_visible()
    assert len([r for r in viewer.asked if "podbook.view" in r.url]) > len(states)
    assert [r for r in viewer.asked if r.method == "POST"] == posts

    page.get_by_text("Parameters").click()
    page.get_by_label("customer").fill("another one")
    page.get_by_label("limit").fill("5")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/reports/board?customer=another+one&limit=5")
    assert viewer.complaints == []


@pytest.fixture(scope="module")
def reading(
    cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory, site: Site
) -> Iterator[tuple[Site, str, str]]:
    """A site behind a proxy that signs everybody in as one who may only `get`.

    With it an address of another origin that shows its reports.
    """
    who = {"kind": "ServiceAccount", "name": "reader", "namespace": "default"}
    rules = [{"apiGroups": [names.GROUP], "resources": ["*"], "verbs": ["get"]}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reading"}
    cluster.request("POST", "/api/v1/namespaces/default/serviceaccounts", _named("reader"))
    cluster.request("POST", f"{RBAC}/clusterroles", {**_named("reading"), "rules": rules})
    bound = {**_named("reading"), "roleRef": role, "subjects": [who]}
    cluster.request("POST", f"{RBAC}/clusterrolebindings", bound)
    path = "/api/v1/namespaces/default/serviceaccounts/reader/token"
    token = cluster.request("POST", path, {"spec": {"expirationSeconds": 3600}})[1]["status"]
    with website.running(Starlette(routes=[Route("/", _wiki)])) as wiki:
        settings = {
            "PODBOOK_AUTH": "kubernetes",
            "PODBOOK_STORE": site.api.store.as_uri(),
            "PODBOOK_EMBED_ORIGINS": wiki.url,
        }
        folder: Path = tmp_path_factory.mktemp("reading")
        with (
            apis.running(cluster, folder, **settings) as api,
            website.running(signing(api.url, token["token"])) as proxy,
        ):
            yield Site(replace(api, url=proxy.url), cluster, None), proxy.url, wiki.url


def _named(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


async def _wiki(request: Request) -> HTMLResponse:
    shown = request.query_params["shown"]
    icon = '<link rel="icon" href="data:,">'
    frame = f'<iframe width="900" height="900" src="{shown}"></iframe>'
    return HTMLResponse(f"{icon}<h1>A wiki</h1>{frame}")


def test_who_may_only_read_sees_results_and_starts_no_run(
    browser: Browser, viewer: Viewer, reading: tuple[Site, str, str]
) -> None:
    site, proxied, wiki = reading
    customer = f"read-{viewer.site.token}".replace(" ", "")
    opened = browsers.context(browser)
    seen = pages.viewer(opened, site, viewer.pictures)
    page = seen.open(f"/reports/board?customer={customer}")
    expect(page.get_by_text("You may look at results, and not run notebooks")).to_be_visible()
    expect(page.get_by_text("system:serviceaccount:default:reader")).to_be_visible()
    seen.picture("dashboard-reader")

    body = {"parameters": {"customer": customer}}
    headers = viewer.site.headers()
    path = "/v1/notebooks/board/executions"
    viewer.site.api.http.post(path, json=body, headers=headers)
    succeed(running(viewer.site, customer), "for readers")
    page.reload()
    frame = page.frame_locator(".drawn > div:not(.next) iframe")
    expect(frame.get_by_text("for readers")).to_be_visible(timeout=DRAWN)
    expect(page.get_by_role("button", name="Run again")).to_have_count(0)
    assert [request.url for request in seen.asked if request.method == "POST"] == []

    address = f"{proxied}/reports/board?customer={customer}&podbook.embed=1"
    page.goto(f"{wiki}/?shown={address.replace('&', '%26')}")
    inside = page.frame_locator("iframe")
    expect(inside.frame_locator("iframe").get_by_text("for readers")).to_be_visible(timeout=DRAWN)
    expect(inside.get_by_text("Computed")).to_be_visible()
    expect(inside.get_by_role("navigation")).to_have_count(0)
    elsewhere = site.api.http.get("/executions").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in elsewhere
    assert seen.complaints == []
    opened.close()
