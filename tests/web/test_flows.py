"""What people do with a run when it is over, and what an address says that leads nowhere."""

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from podbook_api.artifacts.store import POD, Store, artifact_path
from podbook_api.artifacts.tickets import LIFETIME, Tickets
from rig import api as apis
from rig.api import FakeRun
from rig.until import eventually
from tests.support.notebooks import code, ipynb, markdown
from tests.support.pages import Site, Viewer
from tests.support.played import finished, submitted

HTML = {"Accept": "text/html,application/xhtml+xml"}


def ask(site: Site, path: str, **headers: str) -> httpx.Response:
    return site.api.http.get(path, headers=site.headers() | headers)


def ended(site: Site, source: bytes, output: Any, **parameters: Any) -> str:
    name = submitted(site, **parameters)
    run = FakeRun(site.cluster, site.api, name).make_pod()
    run.claim()
    run.upload("notebook.ipynb", source, "application/x-ipynb+json")
    # In their order, and after whatever other tests have ended.
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    times = {"startedAt": now, "finishedAt": now}
    assert run.result(output=output, hasOutput=True, **times).status_code == 200
    return name


def on_the_way(page: Page) -> str:
    page.wait_for_url("**/executions/*")
    return page.url.rsplit("/", 1)[-1]


def test_a_run_is_run_again_kept_and_compared(viewer: Viewer) -> None:
    site = viewer.site
    ended(site, ipynb(markdown("# July"), code("x = 1")), {"orders": 3}, region="north")
    source = ipynb(markdown("# July"), code("x = 2"))
    later = ended(site, source, {"orders": 4, "best": "south"}, region="south")
    page = viewer.open(f"/executions/{later}")

    page.get_by_text("Compare", exact=True).click()
    differ = page.get_by_role("region", name="Output that differ")
    expect(differ.get_by_role("row", name="/orders")).to_contain_text("3")
    expect(differ.get_by_role("row", name="/orders")).to_contain_text("4")
    expect(page.get_by_role("region", name="Parameters that differ")).to_contain_text("north")
    expect(page.get_by_text("x = 1")).to_be_visible()
    assert viewer.violations() == []
    viewer.picture("compare")

    page.get_by_role("button", name="Keep it", exact=True).click()
    expect(page.get_by_text("kept until somebody deletes them")).to_be_visible()
    assert ask(site, f"/v1/executions/{later}").json()["keep"] is True
    page.get_by_role("button", name="Keep it no longer").click()
    expect(page.get_by_role("button", name="Keep it", exact=True)).to_be_visible()

    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: later not in url)
    again = on_the_way(page)
    expect(page.get_by_text("rerun of")).to_be_visible()
    known = ask(site, f"/v1/executions/{again}").json()
    assert (known["rerunOf"], known["parameters"]) == (later, {"region": "south"})

    page = viewer.open(f"/executions/{later}")
    page.get_by_role("link", name="Edit and run").click()
    expect(page.get_by_label("region").locator("option:checked")).to_have_text("south")
    page.get_by_label("limit").fill("7")
    page.get_by_role("button", name="Run", exact=True).click()
    edited = ask(site, f"/v1/executions/{on_the_way(page)}").json()
    assert edited["rerunOf"] == later
    assert edited["parameters"]["limit"] == 7


def test_a_name_that_is_not_declared_is_told_before_the_run(viewer: Viewer) -> None:
    spec = {"notebook": {"name": "rates"}, "parameters": {"epoch": 3, "rate": 0.5}}
    name = f"rates-{viewer.site.kind}"
    former = apis.apply_execution(viewer.site.cluster, name, spec)

    page = viewer.open(f"/notebooks/rates?from={former}")

    expect(page.get_by_text("epoch is not declared by this notebook")).to_contain_text("epochs")
    page.get_by_role("button", name="Leave it out").click()
    expect(page.get_by_text("is not declared")).to_have_count(0)
    expect(page.get_by_label("rate")).to_have_value("0.5")
    expect(page.get_by_role("tabpanel")).not_to_contain_text('"epoch"')


def test_the_source_of_a_notebook_is_drawn_in_its_frame(viewer: Viewer) -> None:
    page = viewer.open("/notebooks/sales")
    page.get_by_text("Source", exact=True).click()

    frame = page.frame_locator("iframe[title^='Source of']")
    expect(frame.get_by_text("print(1)")).to_be_visible(timeout=30_000)
    expect(frame.get_by_text("Answers with one figure.")).to_be_visible()
    assert viewer.violations() == []
    viewer.picture("source")
    drawn = ask(viewer.site, "/v1/notebooks/sales?view=page")
    assert drawn.headers["content-security-policy"].startswith("sandbox ")
    source = ask(viewer.site, "/v1/notebooks/sales?view=ipynb").json()
    assert source["cells"][1]["source"] == ["print(1)"]
    assert viewer.complaints == []


def test_the_same_call_works_from_elsewhere_as_it_is_copied(viewer: Viewer) -> None:
    site, page = viewer.site, viewer.open("/notebooks/sales")
    page.get_by_label("region").select_option("south")
    page.get_by_label("limit").fill("3")
    texts = {}
    for tool in ("curl", "Python", "podbook run", "MCP"):
        page.get_by_role("tab", name=tool, exact=True).click()
        page.get_by_role("button", name="Copy", exact=True).click()
        texts[tool] = page.evaluate("navigator.clipboard.readText()")
    assert texts["MCP"].startswith(f"claude mcp add --transport http podbook {site.api.url}/mcp")
    assert 'run_notebook {"notebook":"sales"' in texts["MCP"]
    folder = os.path.dirname(sys.executable)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    environment |= {"PODBOOK_TOKEN": site.token or ""}
    commands = [["sh", "-c", texts["curl"]], [sys.executable, "-c", texts["Python"]]]
    commands.append(["sh", "-c", texts["podbook run"]])
    known = {line["id"] for line in ask(site, "/v1/executions").json()["items"]}
    started = [
        subprocess.Popen(c, env=environment, stdout=subprocess.PIPE, text=True) for c in commands
    ]

    def begun() -> list[dict[str, Any]]:
        lines = ask(site, "/v1/executions").json()["items"]
        return [line for line in lines if line["id"] not in known]

    runs = eventually(lambda: found if len(found := begun()) == len(commands) else None, "runs")
    for run in runs:
        FakeRun(site.cluster, site.api, run["id"]).succeed({"orders": 41})
    said = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert all("41" in text for text in said), said
    for run in runs:
        whole = ask(site, f"/v1/executions/{run['id']}").json()
        assert whole["parameters"] == {"region": "south", "limit": 3}


def test_a_log_is_read_by_whoever_may_and_said_to_be_gone(viewer: Viewer) -> None:
    site = viewer.site
    name = finished(site, ipynb(code("1")))
    page = viewer.open(f"/executions/{name}")
    page.get_by_text("Logs", exact=True).click()
    expect(page.get_by_text("its log was not kept")).to_be_visible()

    uid = apis.resource(site.cluster, name)["metadata"]["uid"]
    kept = site.api.store / artifact_path(uid, f"{POD}/1/runner.txt")
    kept.parent.mkdir(parents=True)
    kept.write_text("\x1b[31mred\x1b[0m <b>as it was written</b>\n")
    page.get_by_role("button", name="Runner").click()
    log = page.get_by_role("region", name="Log of the runner")
    expect(log).to_have_text("red <b>as it was written</b>\n")
    assert viewer.violations() == []
    viewer.picture("logs")


@pytest.mark.parametrize(
    "path", ["/executions/there-is-none", "/notebooks/there/is none", "/reports/there-is-none"]
)
def test_what_is_not_there_is_a_page_to_people_and_a_problem_to_programs(
    viewer: Viewer, path: str
) -> None:
    site = viewer.site
    for_people = ask(site, path, **HTML)
    assert (for_people.status_code, "<!doctype html>" in for_people.text.lower()) == (404, True)
    for_programs = ask(site, path, Accept="application/json")
    assert (for_programs.status_code, for_programs.json()["status"]) == (404, 404)
    # Nobody is told what is there who may not read it.
    stranger = site.api.http.get(path, headers=HTML)
    assert stranger.status_code == (404 if site.token is None else 200)
    page = viewer.open(path)
    expect(page.get_by_role("alert")).to_contain_text("No such")
    expect(page.get_by_role("link", name="All notebooks")).to_be_visible()
    beginning = finished(site, ipynb(code("1")))
    assert ask(site, f"/executions/{beginning}", **HTML).status_code == 200
    assert ask(site, "/notebooks/sales", **HTML).status_code == 200


def test_a_link_with_a_ticket_ends_with_it_and_says_where_to_get_another(viewer: Viewer) -> None:
    site = viewer.site
    name = finished(site, ipynb(code("show()", html="<b>drawn</b>")))
    address = f"/v1/executions/{name}/artifacts/report.html"
    tickets = Tickets(Store.open(site.api.store.as_uri()))
    uid = apis.resource(site.cluster, name)["metadata"]["uid"]

    def link(ago: timedelta) -> str:
        issued = tickets.issue(uid, "report.html", datetime.now(UTC) - ago)
        # The browser's own loop runs in this thread.
        with ThreadPoolExecutor(1) as thread:
            ticket, _ = thread.submit(asyncio.run, issued).result()
        return f"{site.api.url}{address}?ticket={ticket}"

    # The key is the site's own once it has issued one.
    body = {"artifact": "report.html"}
    own = site.api.http.post(f"/v1/executions/{name}/tickets", json=body, headers=site.headers())
    assert own.status_code == 201
    page = viewer.page
    page.goto(link(timedelta(minutes=4, seconds=30)))
    expect(page.frame_locator("iframe").get_by_text("drawn")).to_be_visible(timeout=30_000)

    answer = page.goto(link(LIFETIME + timedelta(seconds=1)))

    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_have_text("This link has expired")
    there = page.get_by_role("link", name="the run")
    expect(there).to_have_attribute("href", f"/executions/{name}")
    assert viewer.violations() == []
    program = site.api.http.get(link(LIFETIME + timedelta(seconds=1)))
    assert "it has expired" in program.json()["detail"]


def test_a_run_is_found_by_the_beginning_of_its_id(viewer: Viewer) -> None:
    site = viewer.site
    call = {"parameters": {"region": "south", "limit": 77}}
    path = "/v1/notebooks/sales/executions"
    made = site.api.http.post(path, json=call, headers=site.headers())
    page = viewer.open("/executions")
    page.get_by_label("Id", exact=True).press_sequentially(made.json()["id"][:8])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/executions/{made.json()['id']}")
    expect(page.get_by_role("button", name="Copy id")).to_be_visible()
    expect(page.get_by_text("77", exact=True)).to_be_visible()
