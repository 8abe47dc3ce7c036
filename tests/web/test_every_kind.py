"""Every kind of output is drawn, or a sentence says what it is: in a browser with no network."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from podbook_api.artifacts.rendering.page import page
from tests.support.drawn_kinds import DRAWN
from tests.support.kinds import Kind, cell, notebook
from tests.support.library_kinds import DRAWN_BY_LIBRARIES, SAID_OF_LIBRARIES
from tests.support.said_kinds import SAID
from tests.support.shown import Pages, showing
from tests.support.website import Site

DRAWN_KINDS = (*DRAWN, *DRAWN_BY_LIBRARIES)
SAID_KINDS = (*SAID, *SAID_OF_LIBRARIES)
KINDS = {kind.name: kind for kind in (*DRAWN_KINDS, *SAID_KINDS)}
# Gzipped; of the kinds whose own HTML is large.
LARGE = {"bokeh-notebook": 25_000, "great-tables": 25_000}
PICTURES = Path(__file__).parents[2] / "test-pictures"
# What a browser says of what its policy stops, and of what is then not there.
REFUSED = re.compile(r"violates the following Content Security Policy|^L is not defined$")
# A chart keeps its sentence until it is drawn; then it has none, or one with its data.
DRAWN_ALL = """() => [...document.querySelectorAll('.podbook-figure')].every((figure) =>
  figure.matches('.is-drawn:not(:has(> .podbook-note)), :has(> .podbook-note a[download])'))"""
MEASURE = """(kinds) => Object.fromEntries(kinds.map(([name, selector], place) => {
  const area = document.querySelectorAll('.jp-Cell')[place].querySelector('.jp-OutputArea');
  const element = selector ? area.querySelector(selector) : area;
  const box = element?.getBoundingClientRect();
  const loaded = element?.tagName !== 'IMG' || element.naturalWidth > 0;
  const heights = [...area.querySelectorAll('.jp-OutputArea-output')].map((o) => o.offsetHeight);
  return [name, { size: box && loaded ? Math.min(box.width, box.height) : 0,
    text: area.innerText, lowest: Math.min(...heights) }];
}))"""


@pytest.fixture(scope="module")
def measured(browser: Browser, served: tuple[Pages, Site]) -> dict[str, Any]:
    """Every kind as a cell of one notebook, looked at once."""
    drawn = _measured(browser, served, DRAWN_KINDS, "drawn")
    return drawn | _measured(browser, served, SAID_KINDS, "said")


def _measured(
    browser: Browser, served: tuple[Pages, Site], kinds: tuple[Kind, ...], name: str
) -> dict[str, Any]:
    cells = [cell(f"# {kind.name}", kind.outputs) for kind in kinds]
    models = {name: model for kind in kinds for name, model in kind.models.items()}
    whole = notebook(Kind("the last", [], models=models), before=cells)
    with showing(browser, served, page(whole, report=False)) as shown:
        # Printing draws what is not in view too.
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        shown.page.evaluate("dispatchEvent(new Event('afterprint'))")
        shown.page.wait_for_function(DRAWN_ALL)
        cells_seen = shown.page.locator(".jp-Cell")
        for place, kind in enumerate(kinds):
            area = cells_seen.nth(place).locator(".jp-OutputArea")
            expect(area).to_contain_text(kind.says, use_inner_text=True)
            if kind.drawn:
                area.locator(kind.drawn).first.wait_for(state="attached")
        PICTURES.mkdir(exist_ok=True)
        shown.page.screenshot(path=PICTURES / f"kinds-{name}.png", full_page=True)
        found: dict[str, Any] = shown.page.evaluate(MEASURE, [[k.name, k.drawn] for k in kinds])
    return {name: {**each, "complaints": shown.complaints} for name, each in found.items()}


@pytest.mark.parametrize("name", KINDS)
def test_it_is_drawn_or_said(measured: dict[str, Any], name: str) -> None:
    kind, found = KINDS[name], measured[name]

    assert found["size"] > 1
    assert found["lowest"] > 8
    assert kind.says in found["text"]
    assert not kind.never or kind.never not in found["text"]


@pytest.mark.parametrize("name", KINDS)
def test_its_page_is_small(name: str) -> None:
    size = len(gzip.compress(page(notebook(KINDS[name]), report=False).encode()))
    assert size < LARGE.get(name, 20_000)


def test_what_is_drawn_leaves_no_complaint(measured: dict[str, Any]) -> None:
    assert {text for kind in DRAWN_KINDS for text in measured[kind.name]["complaints"]} == set()


def test_what_is_not_drawn_was_refused_and_nothing_else_went_wrong(
    measured: dict[str, Any],
) -> None:
    said = {text for kind in SAID_KINDS for text in measured[kind.name]["complaints"]}
    assert {text for text in said if not REFUSED.search(text)} == set()
