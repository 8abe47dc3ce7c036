"""A run is seen as it goes on: step by step, again after a reload, and to its end."""

import random
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from podbook_crds import names
from podbook_crds.log import events
from podbook_crds.log.events import Event, written
from podbook_crds.log.replay import replay
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


def test_the_page_replays_a_log_as_python_does(viewer: Viewer) -> None:
    run = begun(viewer.site, cells("first()", "second()"))
    told = _random_log(random.Random(7))
    body = b"".join(map(written, told))
    viewer.page.route(
        "**/events*", lambda route: route.fulfill(body=body, content_type="application/x-ndjson")
    )

    page = viewer.open(f"/executions/{run.name}")

    notebook = replay(told)
    assert notebook is not None
    # The other one was running when the log ended, and is open.
    row(page, 0).get_by_role("button").first.click()
    for cell in (0, 1):
        expected = [output["text"] for output in notebook["cells"][cell]["outputs"]]
        expect(row(page, cell).locator(".outputs pre")).to_have_count(len(expected))
        assert (
            row(page, cell)
            .locator(".outputs pre")
            .evaluate_all("all => all.map((pre) => pre.textContent)")
            == expected
        )


def _random_log(chance: random.Random) -> list[Event]:
    """Return splices at any place, of texts whose characters have one, two and three units."""
    notebook = cells("first()", "second()")
    notebook["cells"][0]["outputs"] = [stream("a😀b"), stream("é")]
    told = [events.planned(notebook, [0, 1]), *started(1, stream("😀" * 3), stream())]
    for _ in range(600):
        now = replay(told)
        assert now is not None
        cell = chance.randrange(2)
        output = chance.randrange(len(now["cells"][cell]["outputs"]))
        text = now["cells"][cell]["outputs"][output]["text"]
        at = chance.randint(0, len(text))
        remove = chance.randint(0, min(4, len(text) - at))
        added = "".join(chance.choices("xyß漢😀👩🏽\n", k=chance.randint(0, 5)))
        told.append(events.stream_spliced(cell, output, at=at, remove=remove, text=added))
    end = {"phase": "Failed", "reason": "NotebookRaised", "message": ""}
    return [*told, {"type": "execution.finished", **end}]
