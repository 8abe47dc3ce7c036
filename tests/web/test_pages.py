"""The pages as people walk them: with the laptop's own user, and with a token."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from podbook_crds import names
from podbook_crds.ends.explained import explained
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Fault, Reason
from rig import api as apis
from rig.api import FakeRun
from rig.until import eventually
from tests.support import browser as browsers
from tests.support import pages, telling
from tests.support.notebooks import code, ipynb, markdown
from tests.support.pages import Viewer
from tests.support.played import finished, in_state, phase_of, submitted

NOTEBOOK = ipynb(markdown("# July"), code("show()", html="<b id=x>drawn by the notebook</b>"))
OUTPUT = {
    "orders": 1280,
    "best": "north",
    "rows": [{"month": "May", "sales": 12}, {"month": "June", "sales": 9}],
}
WHOSE = {Fault.NOTEBOOK: "The notebook", Fault.CALLER: "The call", Fault.CLUSTER: "The cluster"}


def test_a_notebook_is_found_and_run(viewer: Viewer) -> None:
    page = viewer.open("/")
    expect(page.get_by_role("link", name="Sales of a region")).to_be_visible()
    expect(page.get_by_text("Answers with one figure.")).to_be_visible()
    expect(page.get_by_text("region, day?, limit? → orders?")).to_be_visible()
    expect(page.get_by_text("broken.config.json: line 3 is no JSON")).to_be_visible()

    page.keyboard.press("/")
    page.keyboard.type("figure")
    expect(page.get_by_role("link", name="reports/data quality")).to_have_count(0)
    page.get_by_role("link", name="Sales of a region").click()

    expect(page.locator("h1")).to_have_text("Sales of a region")
    expect(page.locator("h1")).to_be_focused()
    expect(page).to_have_title("Sales of a region · Podbook")
    page.get_by_label("region").select_option("south")
    page.get_by_label("day").fill("2026-07-01")
    expect(page.get_by_label("limit")).to_have_value("10")
    expect(page.get_by_role("tabpanel")).to_contain_text('"day":"2026-07-01"')
    page.keyboard.press("Control+Enter")

    page.wait_for_url("**/executions/*")
    name = page.url.rsplit("/", 1)[-1]
    FakeRun(viewer.site.cluster, viewer.site.api, name).succeed({"orders": 3})
    expect(page.get_by_role("status").get_by_text("Succeeded")).to_be_visible()
    expect(page.get_by_text("orders")).to_be_visible()
    expect(page).to_have_title("sales · Succeeded · Podbook")


def test_notebooks_are_listed_as_people_count(viewer: Viewer) -> None:
    site = viewer.site
    known = site.api.http.get("/v1/notebooks?view=summary", headers=site.headers()).json()
    line = known["items"][0] | {"title": ""}
    ids = ["b/10/x", "10 last", "b/2/x", "2 first", "b/own"]
    listed = {"items": [line | {"id": name} for name in ids]}
    viewer.page.route("**/v1/notebooks?view=summary", lambda route: route.fulfill(json=listed))

    page = viewer.open("/")

    expect(page.locator("a.title")).to_have_text(["2 first", "10 last", "b/own", "b/2/x", "b/10/x"])
    folders = page.get_by_role("navigation", name="Folders").locator("a span:first-child")
    expect(folders).to_have_text(["All", "b", "2", "10"])


def test_pods_that_wait_are_counted_and_what_hinders_them_is_told(viewer: Viewer) -> None:
    cluster, path = viewer.site.cluster, f"{apis.CUSTOM}/{names.NOTEBOOK_PLURAL}/kept-warm"
    apis.put_notebook(cluster, "kept-warm", warm={"min": 1})
    said = {"reason": "PreparationFailed", "message": "cell 2: KeyError"}
    status = {"conditions": [{"type": names.WARM_CONDITION, "status": "False", **said}]}
    merge = "application/merge-patch+json"
    cluster.request("PATCH", f"{path}/status", {"status": status}, content_type=merge)

    page = viewer.open("/notebooks/kept-warm")

    expect(page.get_by_text("Warm: no pod waits")).to_be_visible()
    expect(page.get_by_text("PreparationFailed: cell 2: KeyError")).to_be_visible()
    cluster.request("DELETE", path)


def test_what_the_server_refuses_stands_beside_its_field(viewer: Viewer) -> None:
    page = viewer.open("/notebooks/sales")
    page.get_by_label("limit").fill("0")
    page.get_by_role("button", name="Run", exact=True).click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("2 things do not fit the contract")
    expect(page.locator(".sjsf-errors-list")).to_have_count(2)
    summary.get_by_role("link", name="limit").click()
    expect(page.get_by_label("limit")).to_be_focused()
    expect(page.get_by_label("limit")).to_have_attribute("aria-invalid", "true")


def test_what_a_notebook_drew_is_shown_and_its_output_first(viewer: Viewer) -> None:
    name = finished(viewer.site, NOTEBOOK, OUTPUT)
    page = viewer.open(f"/executions/{name}")

    expect(page.get_by_text("1,280")).to_be_visible()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("drawn by the notebook")).to_be_visible()
    headings = page.locator("h2").all_inner_texts()
    assert headings[:3] == ["Output", "Parameters", "Report"]
    page.get_by_role("button", name="sales", exact=True).click()
    expect(page.get_by_role("cell").first).to_have_text("June")
    page.get_by_role("button", name="With code").click()
    expect(frame.get_by_text("show()")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open alone").click()
    alone = opened.value
    alone.wait_for_load_state()
    expect(alone.frame_locator("iframe").get_by_text("drawn by the notebook")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="notebook.ipynb").click()
    assert download.value.path().read_bytes() == NOTEBOOK


def wire_of(viewer: Viewer, name: str) -> dict[str, Any]:
    answer = viewer.site.api.http.get(f"/v1/executions/{name}", headers=viewer.site.headers())
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told_in_words(viewer: Viewer, reason: Reason) -> None:
    name, status = in_state(viewer.site, reason)
    said = explained(status)
    eventually(lambda: wire_of(viewer, name)["reason"] in (reason, Reason.POD_CREATED), "it")

    wire = wire_of(viewer, name)["explanation"]
    page = viewer.open(f"/executions/{name}")

    assert (wire["fault"], wire["sentence"]) == (said.fault, said.sentence)
    assert wire["advice"] or reason is Reason.NOTEBOOK_COMPLETED
    expect(page.get_by_role("status").get_by_text(phase_of(reason).value)).to_be_visible()
    if phase_of(reason) is not Phase.SUCCEEDED:
        expect(page.get_by_text(said.sentence).first).to_be_visible()
        expect(page.get_by_text(said.advice).first).to_be_visible()
    if phase_of(reason) is Phase.FAILED and said.fault in WHOSE:
        expect(page.locator(".cause")).to_contain_text(WHOSE[said.fault])
        expect(page.locator(".cause")).to_contain_text(f"said of {reason.value}")
    if reason is Reason.NOTEBOOK_RAISED:
        expect(page.locator(".cause")).to_contain_text("ValueError: no sales in July")
        expect(page.locator(".cause")).to_contain_text("Cell 2")
        expect(page.locator(".cause")).to_contain_text("sum_of(july)")
    viewer.picture(f"reason-{reason.value}")


def test_executions_are_filtered_and_paged(viewer: Viewer) -> None:
    names = [submitted(viewer.site, region="north") for _ in range(55)]
    page = viewer.open("/executions?notebook=sales&phase=Queued")

    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    asked = "/v1/executions?notebook=sales&phase=Queued&limit=500"
    newest = viewer.site.api.http.get(asked, headers=viewer.site.headers()).json()["items"]
    page.get_by_label("Sort").select_option("oldest first")
    expect(page.locator("tbody tr td.id a").first).to_have_attribute("title", newest[-1]["id"])
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("tbody tr td.id a").last).to_have_attribute("title", newest[0]["id"])
    page.get_by_label("State").select_option("Succeeded")
    page.wait_for_url(re.compile("phase=Succeeded"))
    for name in names:
        viewer.site.api.http.delete(f"/v1/executions/{name}", headers=viewer.site.headers())


def test_who_has_no_token_is_asked_for_it(viewer: Viewer) -> None:
    if viewer.site.token is None:
        pytest.skip("nobody signs in on this machine's own address")
    page = viewer.page
    page.goto(f"{viewer.site.api.url}/executions")
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This token is not accepted.")).to_be_visible()
    assert viewer.violations() == []
    viewer.picture("sign-in")

    page.get_by_label("Token").fill(viewer.site.token)
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("h1")).to_have_text("Executions")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()


def test_a_token_in_the_address_does_not_stay_there(viewer: Viewer) -> None:
    page = viewer.open("/")
    expect(page.get_by_role("link", name="Sales of a region")).to_be_visible()
    assert "token" not in page.url
    assert page.evaluate("document.cookie + Object.keys(localStorage)") == ""


def test_an_unknown_address_is_a_page_to_people_and_a_problem_to_programs(viewer: Viewer) -> None:
    page = viewer.open("/nowhere")
    expect(page.get_by_role("heading")).to_have_text("There is no page here")
    assert (viewer.asked[0].response() or pytest.fail("no answer")).status == 404

    headers = {**viewer.site.headers(), "Accept": "application/json, text/html"}
    answer = viewer.site.api.http.get("/nowhere", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    below = viewer.site.api.http.get("/v1/nowhere", headers={**headers, "Accept": "text/html"})
    assert below.headers["content-type"] == "application/problem+json"


# What is looked at in every size and scheme: its address, and what has to be there first.
LOOKED_AT = {
    "catalog": ("/", "a.title"),
    "notebook": ("/notebooks/sales", "form#parameters select"),
    "no-contract": ("/notebooks/reports/data%20quality", "form#parameters textarea"),
    "executions": ("/executions", "tbody tr"),
    "succeeded": ("/executions/{done}", "iframe"),
    "failed": ("/executions/{failed}", ".cause .source"),
    "live": ("/executions/{live}", "#cell-3 iframe"),
    "queued": ("/executions/{queued}", "progress"),
    "missing": ("/executions/none", "[role=alert]"),
}
CHOSEN_IS_SEEN = """() => [...document.querySelectorAll(
  '[aria-pressed=true], [aria-selected=true], [aria-current]')]
  .every((one) => getComputedStyle(one).outlineStyle === 'solid')"""


@pytest.fixture(scope="module")
def runs(site: pages.Site) -> dict[str, str]:
    """One execution of each state that is looked at."""
    return {
        "done": finished(site, NOTEBOOK, OUTPUT),
        "failed": in_state(site, Reason.NOTEBOOK_RAISED)[0],
        "queued": in_state(site, Reason.WAITING_FOR_SLOT)[0],
        "live": telling.in_the_middle(site),
    }


@pytest.mark.parametrize("name", LOOKED_AT)
def test_every_page_is_fit_to_be_seen(viewer: Viewer, runs: dict[str, str], name: str) -> None:
    path, there = LOOKED_AT[name]
    page = viewer.open(path.format(**runs))
    page.locator(there).first.wait_for()
    if name == "succeeded":
        page.frame_locator("iframe").get_by_text("drawn by").wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # The narrow one is what is left of 1280 pixels at 400 per cent.
        for size, (width, height) in browsers.SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            assert viewer.violations() == [], (name, size, scheme)
            viewer.picture(f"{name}-{size}-{scheme}-{viewer.site.kind}")
    page.emulate_media(forced_colors="active")
    assert page.evaluate(CHOSEN_IS_SEEN)
    viewer.picture(f"{name}-forced-colors-{viewer.site.kind}")
    assert [c for c in viewer.complaints if "404" not in c] == []
