"""The page applies a log just as Python does, in characters of every length."""

import random

from playwright.sync_api import expect

from podbook_crds.log import events
from podbook_crds.log.events import Event, written
from podbook_crds.log.replay import replay
from tests.support.pages import Viewer
from tests.support.telling import begun, cells, stream

POINTS = "all => all.map((pre) => Array.from(pre.textContent, (p) => p.codePointAt(0)))"


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
    page.locator("#cell-0").get_by_role("button").first.click()
    for cell in (0, 1):
        expected = [
            [ord(point) for point in output["text"]]
            for output in notebook["cells"][cell]["outputs"]
        ]
        expect(page.locator(f"#cell-{cell}").locator(".outputs pre")).to_have_count(len(expected))
        assert (
            page.locator(f"#cell-{cell}").locator(".outputs pre").evaluate_all(POINTS) == expected
        )


def _random_log(chance: random.Random) -> list[Event]:
    """Return splices at any place, of texts whose characters have one, two and three units."""
    notebook = cells("first()", "second()")
    notebook["cells"][0]["outputs"] = [stream("a😀b"), stream("é")]
    told = [
        events.planned(notebook, [0, 1]),
        events.cell_started(1),
        events.outputs_spliced(1, at=0, remove=0, outputs=[stream("😀" * 3), stream()]),
    ]
    for _ in range(600):
        now = replay(told)
        assert now is not None
        cell = chance.randrange(2)
        output = chance.randrange(len(now["cells"][cell]["outputs"]))
        text = now["cells"][cell]["outputs"][output]["text"]
        at = chance.randint(0, len(text))
        remove = chance.randint(0, min(4, len(text) - at))
        added = "".join(chance.choices("xyß漢😀👩🏽\n\ud83d", k=chance.randint(0, 5)))
        told.append(events.stream_spliced(cell, output, at=at, remove=remove, text=added))
    end = {"phase": "Failed", "reason": "NotebookRaised", "message": ""}
    return [*told, {"type": "execution.finished", **end}]
