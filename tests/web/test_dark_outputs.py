"""On a dark page every text can be read: colours that were chosen on white stand on white."""

import json
from typing import Final

from playwright.sync_api import Browser, expect

from podbook_api.artifacts.rendering.page import page
from tests.support.outputs.building import STATE
from tests.support.outputs.rows import KINDS
from tests.support.shown import Pages, showing
from tests.support.website import Site

# Text of all sorts; what libraries draw has a light card, and colours of its own.
NAMES: Final = (
    "pandas",
    "pandas-styler",
    "tabulate",
    "rich",
    "rich inspect",
    "rich markdown",
    "rich progress.track",
    "ipython-code",
    "ANSI",
    "an error",
    "printed",
    "JSON",
    "ipywidgets",
    "tqdm-notebook",
    "GridspecLayout",
    "prose",
    "an unknown type alone",
    "a link in a new window",
)
# Texts by how far they are from their ground (WCAG), where that is less than 2: pandas' own
# white on a middle blue has 2.4.
UNREAD: Final = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const channels = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  const grounds = (element) => {
    const found = [];
    for (let e = element; e; e = e.parentElement) {
      found.unshift(getComputedStyle(e).backgroundColor);
    }
    return found;
  };
  const said = [];
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node; (node = texts.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('script, style, svg, mjx-assistive-mml, option')) continue;
    if (getComputedStyle(element).backgroundImage !== 'none') continue;
    const behind = grounds(element);
    const [a, b] = [channels([...behind, getComputedStyle(element).color]), channels(behind)]
      .map(light).sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 2) said.push(node.data.trim().slice(0, 40));
  }
  return said;
}"""


def test_every_text_of_a_dark_page_can_be_read(
    browser: Browser, served: tuple[Pages, Site]
) -> None:
    kinds = [KINDS[name] for name in NAMES]
    cells = [cell for kind in kinds for cell in kind.cells]
    models = {name: model for kind in kinds for name, model in kind.models.items()}
    metadata = {"language_info": {"name": "python"}, "widgets": {STATE: {"state": models}}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    html = page(json.dumps(whole).encode(), report=False)
    with showing(browser, served, html, scheme="dark") as shown:
        reference = shown.page.locator("mjx-container svg a").first
        expect(reference).to_be_attached()

        assert shown.page.evaluate(UNREAD) == []
        assert reference.evaluate("link => getComputedStyle(link).fill") == "rgb(125, 183, 255)"
