"""A run is seen as it goes on: step by step, again after a reload, and to its end."""

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from podbook_crds import names
from podbook_crds.log import events
from podbook_crds.log.events import Event
from tests.support.notebooks import code, ipynb
from tests.support.pages import Viewer
from tests.support.telling import begun, cells, shown, stream

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
THREE = cells("# Load the orders", "orders = load()", "# Train", "train(orders)", "predict()")
LOAD, TRAIN, PREDICT = 1, 3, 4
EXCEPTION = {"name": "ValueError", "value": "no orders", "cell": TRAIN, "traceback": "at line 3"}


def row(page: Page, cell: int) -> Locator:
    return page.locator(f"#cell-{cell}")


def finished(cell: int, status: str = "ok", seconds: float = 1.5) -> Event:
    return events.cell_finished(cell, status=status, seconds=seconds, count=1)


def started(cell: int, *outputs: dict[str, Any]) -> list[Event]:
    return [
        events.cell_started(cell),
        events.outputs_spliced(cell, at=0, remove=0, outputs=list(outputs)),
    ]


def test_what_a_cell_prints_is_seen_before_it_ends_and_after_a_reload(viewer: Viewer) -> None:
    run = begun(viewer.site, THREE)
    page = viewer.open(f"/executions/{run.name}")
    expect(row(page, LOAD)).to_contain_text("Load the orders")
    expect(row(page, TRAIN)).to_contain_text("Not yet")

    run.tell(*started(LOAD), finished(LOAD), *started(TRAIN, stream("epoch 1 😀\n")))
    expect(page.get_by_text("Cell 2 of 3")).to_be_visible()
    expect(row(page, TRAIN).locator("pre", has_text="epoch 1 😀")).to_be_visible()
    expect(row(page, LOAD)).to_contain_text("Done")
    expect(row(page, LOAD)).to_contain_text("1.5 s")
    expect(row(page, LOAD).get_by_role("button").first).to_have_attribute("aria-expanded", "false")
    run.prints(TRAIN, "epoch 2\n", at=10)
    expect(row(page, TRAIN)).to_contain_text("epoch 2")

    page.reload()
    expect(row(page, TRAIN)).to_contain_text(re.compile(r"epoch 1 😀\s+epoch 2"))
    expect(page.get_by_text("Cell 2 of 3")).to_be_visible()
    run.prints(TRAIN, "✓", at=8, remove=1)
    expect(row(page, TRAIN)).to_contain_text(re.compile(r"epoch 1 ✓\s+epoch 2"))
    viewer.picture("live")

    run.tell(finished(TRAIN), *started(PREDICT), finished(PREDICT))
    run.run.upload(names.NOTEBOOK_ARTIFACT, ipynb(code()), "application/x-ipynb+json")
    assert run.run.result(output={"orders": 3}, hasOutput=True).status_code == 200
    expect(page.get_by_role("status").get_by_text("Succeeded")).to_be_visible()
    assert page.locator("h2").first.inner_text() == "Output"
    expect(row(page, TRAIN)).to_be_hidden()
    page.get_by_text("Cells", exact=True).click()
    expect(row(page, TRAIN)).to_contain_text("Done")


def test_the_cell_that_failed_is_open_and_one_click_away(viewer: Viewer) -> None:
    run = begun(viewer.site, THREE)
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no orders"}
    told = {**error, "traceback": ["\x1b[31mValueError\x1b[0m at line 3"]}
    run.tell(*started(LOAD), finished(LOAD), *started(TRAIN, told), finished(TRAIN, "error"))
    assert run.run.result("NotebookRaised", exception=EXCEPTION).status_code == 200

    page = viewer.open(f"/executions/{run.name}")

    expect(page.locator(".cause")).to_contain_text("Cell 2 of 3")
    expect(page.locator(".cause")).to_contain_text("train(orders)")
    expect(row(page, TRAIN)).to_contain_text("ValueError at line 3")
    expect(row(page, TRAIN)).to_contain_text("Failed")
    expect(row(page, PREDICT)).to_contain_text("Not run")
    page.get_by_role("button", name="Go to the cell").click()
    expect(row(page, TRAIN)).to_be_focused()
    assert viewer.violations() == []
    viewer.picture("live-failed")


def test_text_stays_text_images_are_images_and_html_stands_in_its_frame(viewer: Viewer) -> None:
    run = begun(viewer.site, cells("# <b id=evil>Title</b>", "show('<i id=evil></i>')"))
    page = viewer.open(f"/executions/{run.name}")
    outputs = [
        stream("<img id=evil src=x onerror=alert(1)>"),
        shown(png=PIXEL, plain="<b id=evil>"),
        shown(html="<p id=evil>drawn</p><script>parent.document.title = 'stolen'</script>"),
    ]
    run.tell(*started(1, *outputs))

    expect(row(page, 1).locator("pre", has_text="onerror=alert(1)")).to_be_visible()
    expect(page.frame_locator("#cell-1 iframe").get_by_text("drawn")).to_be_visible()
    assert page.locator("#cell-1 img").evaluate("async (i) => (await i.decode(), i.naturalWidth)")
    assert page.locator("#evil").count() == 0
    assert "stolen" not in page.title()


def test_a_lost_connection_is_told_and_taken_up_where_it_was(viewer: Viewer) -> None:
    run = begun(viewer.site, THREE)
    run.tell(*started(LOAD), finished(LOAD), *started(TRAIN, stream("epoch 1\n")))
    planned = events.planned(THREE, [LOAD, TRAIN, PREDICT])
    before = [planned, *started(LOAD), finished(LOAD), *started(TRAIN, stream("epoch 1\n"))]
    lines = [json.dumps({"id": f"1.{n}", **event}) for n, event in enumerate(before, start=1)]
    asked: list[str] = []
    is_away = True

    def answered(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(body="\n".join(lines) + "\n", content_type="application/x-ndjson")
        elif is_away:
            route.abort()
        else:
            route.continue_()

    viewer.page.route("**/events*", answered)
    page = viewer.open(f"/executions/{run.name}")
    expect(row(page, TRAIN)).to_contain_text("epoch 1")
    expect(page.get_by_text("It is asked again")).to_be_visible()
    run.prints(TRAIN, "epoch 2\n", at=8)
    is_away = False

    expect(row(page, TRAIN)).to_contain_text(re.compile(r"epoch 1\s+epoch 2"), timeout=15_000)
    expect(page.get_by_text("It is asked again")).to_be_hidden()
    assert all(url.endswith(f"/events?after=1.{len(before)}") for url in asked[1:])


def test_one_connection_is_open_and_none_once_the_page_is_left(viewer: Viewer) -> None:
    run = begun(viewer.site, THREE)
    page = viewer.open(f"/executions/{run.name}")
    expect(row(page, LOAD)).to_be_visible()

    with page.expect_event("requestfailed", lambda r: "/events" in r.url):
        page.get_by_role("link", name="Notebooks").click()

    assert len([r for r in viewer.asked if "/events" in r.url]) == 1


def test_of_a_long_run_what_is_looked_at_is_there(viewer: Viewer) -> None:
    run = begun(viewer.site, cells(*[f"step({n})" for n in range(300)]))
    page = viewer.open(f"/executions/{run.name}")
    for cell in range(150):
        run.tell(*started(cell, stream(f"of {cell}")), finished(cell))
    run.tell(*started(150, stream("x" * 79 + "\n" + ("y" * 79 + "\n") * 40_000)))

    expect(page.get_by_text("Cell 151 of 300")).to_be_visible()
    expect(row(page, 150).locator("pre").last).to_contain_text("yyy")
    assert page.locator("li[id^=cell]").count() < 20
    assert page.evaluate("document.body.textContent.length") < 60_000
    row(page, 150).get_by_role("button", name="Show all").click()
    expect(row(page, 150).locator("pre").last).to_contain_text("xxx")
    page.get_by_role("button", name="Show 146 earlier cells").click()
    row(page, 0).get_by_role("button").first.click()
    expect(row(page, 0)).to_contain_text("of 0")


def test_a_file_of_the_run_is_saved_by_a_click_in_what_the_notebook_drew(viewer: Viewer) -> None:
    run = begun(viewer.site, THREE)
    run.run.upload("files/plan.csv", b"a,b", "text/csv")
    link = ipynb(code(html='<a href="artifacts/plan.csv">the plan</a>'))
    run.run.upload(names.NOTEBOOK_ARTIFACT, link, "application/x-ipynb+json")
    assert run.run.result().status_code == 200

    page = viewer.open(f"/executions/{run.name}")
    with page.expect_download() as download:
        page.frame_locator("iframe").get_by_text("the plan").click()

    assert download.value.path().read_bytes() == b"a,b"
