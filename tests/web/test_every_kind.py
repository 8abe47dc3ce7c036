"""Every kind of output is drawn, or a sentence says what it is: in a browser with no network.

All stand in one notebook, which is looked at once.
"""

import base64
import gzip
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, expect

from podbook_api.artifacts.rendering.addresses import OwnFile, OwnFiles
from podbook_api.artifacts.rendering.page import page
from tests.support.outputs.building import STATE, notebook, png
from tests.support.outputs.rows import DRAWN_KINDS, KINDS, ROWS, SAID_KINDS
from tests.support.pages import Viewer
from tests.support.played import finished
from tests.support.shown import Pages, showing
from tests.support.website import Site

# All kinds are drawn in one page; where a machine has more to do, that takes its time.
pytestmark = pytest.mark.timeout(600)
# Gzipped; of the kinds whose own HTML is large.
LARGE = {
    "bokeh-notebook": 25_000,
    "great-tables": 25_000,
    "holoviews": 30_000,
    "holoviews HoloMap": 25_000,
    "seaborn pairplot": 25_000,
    "matplotlib retina": 25_000,
}
# They bring their own libraries or data.
OWN = {"plotly notebook", "plotly include_plotlyjs=True", "bokeh INLINE", "bokeh file_html INLINE"}
OWN |= {"itables offline", "an image of 3 MB", "a table of 10 000 rows"}
FILES = OwnFiles(
    {
        "files/p.png": OwnFile("image/png", base64.b64decode(png())),
        "files/x.csv": OwnFile("text/csv"),
    }
)
# What a browser says of what its policy stops, and of what is then not there.
REFUSED = re.compile(r"violates the following Content Security Policy|^L is not defined$")
ADDRESS = re.compile(r"'((?:https?:|data:)[^']*)'")
# A chart keeps its sentence until it is drawn; then it has none, or one with its data.
DRAWN_ALL = """() => [...document.querySelectorAll('.podbook-figure')].every((figure) =>
  figure.matches('.is-drawn:not(:has(> .podbook-note)), :has(> .podbook-note a[download])'))"""
WRITTEN = """() => document.readyState === 'complete'
  && document.querySelector('.podbook-figure')"""
# Shadow roots, of bokeh, count.
MEASURE = """(kinds) => {
  const find = (root, selector) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const inner of root.querySelectorAll('*')) {
      const deep = inner.shadowRoot && find(inner.shadowRoot, selector);
      if (deep) return deep;
    }
    return null;
  };
  return Object.fromEntries(kinds.map(([name, selector, first, last]) => {
    const cells = [];
    for (let n = first; n <= last; n++) cells.push(document.getElementById(`podbook-cell-${n}`));
    const there = cells.filter(Boolean).map((c) => c.querySelector('.jp-OutputArea') ?? c);
    let element = there[0];
    if (selector) element = there.map((area) => find(area, selector)).find(Boolean);
    const box = element?.getBoundingClientRect();
    const loaded = element?.tagName !== 'IMG' || element.naturalWidth > 0;
    const shown = there.flatMap((area) => [...area.querySelectorAll('.jp-OutputArea-output')]);
    const heights = shown.filter((o) => o.checkVisibility()).map((o) => o.offsetHeight);
    return [name, { size: box && loaded ? Math.min(box.width, box.height) : 0,
      text: there.map((area) => area.innerText).join('\\n'), lowest: Math.min(...heights) }];
  }));
}"""


@pytest.fixture(scope="module")
def measured(browser: Browser, served: tuple[Pages, Site]) -> Iterator[dict[str, Any]]:
    """Every kind, measured where it stands, and what the tab complained of."""
    html = page(_whole(), report=False, own=FILES)
    with showing(browser, served, html, until="commit") as shown:
        yield _settled(shown.page.main_frame) | {"complaints": shown.complaints}


def _whole() -> bytes:
    """Return the notebook that shows them all."""
    cells = [cell for kind in KINDS.values() for cell in kind.cells]
    models = {name: model for kind in KINDS.values() for name, model in kind.models.items()}
    metadata = {"language_info": {"name": "python"}, "widgets": {STATE: {"state": models}}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole).encode()


def _settled(frame: Frame) -> dict[str, Any]:
    """Return what was measured as soon as nothing is missing; what stays missing is seen then."""
    # What the frame is given is written into it: until all is there, nothing of it listens.
    frame.wait_for_function(WRITTEN, timeout=300_000)
    # Printing draws what is not in view too.
    frame.evaluate("dispatchEvent(new Event('beforeprint'))")
    frame.evaluate("dispatchEvent(new Event('afterprint'))")
    frame.wait_for_function(DRAWN_ALL, polling=1_000, timeout=300_000)
    asked, number = [], 1
    for kind in KINDS.values():
        asked.append([kind.name, kind.drawn, number, number + len(kind.cells) - 1])
        number += len(kind.cells)
    end = time.monotonic() + 60
    while True:
        found: dict[str, Any] = frame.evaluate(MEASURE, asked)
        left = [name for name, each in found.items() if _wrong(name, each)]
        if not left or time.monotonic() > end:
            return found
        frame.page.wait_for_timeout(1_000)


def _wrong(name: str, found: dict[str, Any]) -> str:
    kind = KINDS[name]
    if found["size"] <= 1 or (found["lowest"] is not None and found["lowest"] <= 8):
        return f"nothing is seen of {name}: {found}"
    if kind.says not in found["text"]:
        return f"{name} does not say {kind.says!r}: {found['text'][:500]!r}"
    return f"{name} says {kind.never!r}" if kind.never and kind.never in found["text"] else ""


@pytest.mark.parametrize("row", ROWS)
def test_it_is_drawn_or_said(measured: dict[str, Any], row: str) -> None:
    assert [said for name in ROWS[row] if (said := _wrong(name, measured[name]))] == []


@pytest.mark.parametrize("site", ["token"], indirect=True)
def test_the_page_of_a_run_shows_them_all(viewer: Viewer) -> None:
    kept = {name: (f.media_type, f.data or b"a") for name, f in FILES.files.items()}
    name = finished(viewer.site, _whole(), files=kept)
    tab = viewer.open(f"/executions/{name}")
    expect(tab.frame_locator("iframe").locator("main")).to_be_attached(timeout=300_000)

    found = _settled(tab.frames[1])

    # What else it wanted is in the frame's own log; nothing of it was asked for.
    viewer.asked[:] = [request for request in viewer.asked if request.response() is not None]
    # Bokeh's own word that it is there is left out: five seconds after its cell it is given up.
    measured = {name: each for name, each in found.items() if name != "bokeh-notebook"}
    assert [said for name, each in measured.items() if (said := _wrong(name, each))] == []


def test_each_kind_has_its_row() -> None:
    assert sorted(name for names in ROWS.values() for name in names) == sorted(KINDS)


def test_pages_are_small() -> None:
    sizes = {
        name: len(gzip.compress(page(notebook(KINDS[name]), report=False).encode(), 6))
        for name in KINDS.keys() - OWN
    }
    assert {n: size for n, size in sizes.items() if size >= LARGE.get(n, 20_000)} == {}


def test_nothing_complains_but_of_what_is_said_to_be_refused(measured: dict[str, Any]) -> None:
    said = set(measured["complaints"])
    assert {text for text in said if not REFUSED.search(text)} == set()
    wanted = json.dumps([[kind.outputs, kind.models] for kind in SAID_KINDS])
    refused = {address for text in said for address in ADDRESS.findall(text)}
    own = {a for a in refused if "//127.0.0.1" in a or a.startswith("data:")}
    hosts = {address.split("/")[2] for address in refused - own}
    assert {host for host in hosts if host not in wanted} == set()
    assert len(DRAWN_KINDS) > len(SAID_KINDS)
