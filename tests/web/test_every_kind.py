"""Every kind of output is drawn, or a sentence says what it is: in a browser with no network."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from podbook_api.artifacts.rendering.page import page
from tests.support.browser import text_of
from tests.support.drawn_kinds import DRAWN
from tests.support.kinds import Kind, cell, display, notebook
from tests.support.said_kinds import SAID
from tests.support.website import Site

Show = Callable[..., tuple[str, Site]]
KINDS = {kind.name: kind for kind in (*DRAWN, *SAID)}

# Printing draws what is not in view too; then what each cell shows is measured.
MEASURE = """<p id="measured"></p><script>
const kinds = KINDS;
const DONE = '.is-drawn:not(:has(> .podbook-note)), :has(> .podbook-note a[download])';
async function measure() {
  dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'));
  for (let turn = 0; turn < 200; turn++) {
    await new Promise((go) => setTimeout(go, 50));
    if ([...document.querySelectorAll('.podbook-figure')].every((f) => f.matches(DONE))) break;
  }
  await new Promise((go) => setTimeout(go, 500));
  const found = {};
  document.querySelectorAll('.jp-Cell').forEach((cell, place) => {
    const [name, selector] = kinds[place] ?? [];
    if (!name) return;
    const area = cell.querySelector('.jp-OutputArea');
    const element = selector ? area.querySelector(selector) : area;
    const box = element?.getBoundingClientRect();
    const loaded = element?.tagName !== 'IMG' || element.naturalWidth > 0;
    const heights = [...area.querySelectorAll('.jp-OutputArea-output')].map((o) => o.offsetHeight);
    found[name] = { size: box && loaded ? Math.min(box.width, box.height) : 0, text: area.innerText,
      lowest: Math.min(...heights) };
  });
  document.getElementById('measured').textContent = JSON.stringify(found);
}
addEventListener('load', measure);
</script>"""


@pytest.fixture(scope="module")
def measured(show_once: Show) -> dict[str, Any]:
    """Every kind as a cell of one notebook, looked at once."""
    models: dict[str, Any] = {}
    cells = []
    for kind in KINDS.values():
        cells.append(cell(f"# {kind.name}", kind.outputs))
        models |= kind.models
    names = json.dumps([[k.name, k.drawn] for k in KINDS.values()])
    last = [display({"text/html": MEASURE.replace("KINDS", names)})]
    whole = notebook(Kind("measure", last, models=models), before=cells)
    document, _ = show_once(whole)
    found: dict[str, Any] = json.loads(text_of(document, "measured"))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_it_is_drawn_or_said(measured: dict[str, Any], name: str) -> None:
    kind, found = KINDS[name], measured[name]

    assert found["size"] > 1
    assert found["lowest"] > 8
    assert kind.says in found["text"]
    assert not kind.never or kind.never not in found["text"]


@pytest.mark.parametrize("name", KINDS)
def test_its_page_is_small(name: str) -> None:
    assert len(gzip.compress(page(notebook(KINDS[name]), report=False).encode())) < 20_000
