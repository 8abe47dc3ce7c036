"""Formulas and plots appear in a real browser with no network but the API."""

import base64
import io
import re
from collections.abc import Iterator

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from playwright.sync_api import Browser, expect

from podbook_api.artifacts.rendering.page import page
from tests.support.notebooks import code, ipynb, markdown
from tests.support.outputs.building import notebook as showing_kind
from tests.support.outputs.rows import KINDS
from tests.support.shown import Pages, Show, Shown, showing
from tests.support.website import Site

# Says what each image came to, once everything has been loaded.
LOOK = """<p id="images"></p><script>addEventListener('load', () => {
document.getElementById('images').textContent =
    [...document.images].map(i => i.complete && i.naturalWidth > 1).join() })</script>"""

# Scrolls whatever around the code can be scrolled by a person, and tells whether its end is seen.
SCROLLED = """<p id="scrolled"></p><script>addEventListener('load', () => {
const line = document.querySelector('.highlight pre')
for (let e = line; e; e = e.parentElement)
    if (['auto', 'scroll'].includes(getComputedStyle(e).overflowX)) e.scrollLeft = e.scrollWidth
const end = line.getBoundingClientRect().left + line.scrollWidth
document.getElementById('scrolled').textContent = end > innerWidth + 1 ? 'cut off' : 'reached'
})</script>"""

# What plotly and others leave in a notebook: a module, defined and asked for.
INTERACTIVE = """<p id="plot"></p><script>
define('plotter', function () { return { draw: function (to) { to.textContent = 'drawn' } } });
require(['plotter'], function (p) { p.draw(document.getElementById('plot')) });
</script>"""


@pytest.mark.parametrize("report", [False, True], ids=["notebook", "report"])
def test_formulas_are_drawn(show: Show, report: bool) -> None:
    notebook = ipynb(
        markdown("Inline $e^{i\\pi}=-1$ and for 5 \\$ nothing."),
        markdown(
            "\\begin{align}\na &= \\frac{b}{c} \\label{eq:one} \\\\ d &= \\ce{H2O}\n\\end{align}"
        ),
        code(latex="$\\displaystyle \\int_0^1 x\\,dx$"),
        code("price = '$5 and $6'", plain="$x$"),
    )

    shown = show(notebook, report=report)

    shown.page.wait_for_function("document.querySelectorAll('mjx-container').length >= 3")
    document = shown.page.content()
    formulas = re.findall(r"<mjx-container.*?</mjx-container>", document, re.DOTALL)
    assert len(formulas) == 3
    assert all("<svg" in formula and "<path" in formula for formula in formulas)
    assert "merror" not in "".join(formulas)
    assert _others(shown.site) == ["GET /page"]


@pytest.fixture(scope="module")
def seen(browser: Browser, served: tuple[Pages, Site]) -> Iterator[Shown]:
    """Plots, an attachment, a long line and a plot that asks for a module, in one page."""
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    png = base64.b64encode(_saved(figure, "png")).decode()
    attached = markdown("![plot](attachment:plot.png)")
    attached["attachments"] = {"plot.png": {"image/png": png}}
    long = code("# " + "a long comment " * 40, html=SCROLLED)
    whole = ipynb(
        long,
        code(png=png),
        code(svg=_saved(figure, "svg").decode()),
        attached,
        code(html=LOOK),
        code(html=INTERACTIVE),
    )
    with showing(browser, served, page(whole, report=False)) as shown:
        yield shown


def test_plots_of_matplotlib_and_an_attached_image_are_shown(seen: Shown) -> None:
    assert seen.text("images") == "true,true,true"
    assert _others(seen.site) == ["GET /page"]


def test_an_interactive_plot_finds_its_loader(seen: Shown) -> None:
    assert seen.text("plot") == "drawn"


def test_a_long_line_of_code_can_be_scrolled_to_its_end(seen: Shown) -> None:
    assert seen.text("scrolled") == "reached"


def _others(site: Site) -> list[str]:
    """Return what was asked for beside our own libraries."""
    return [request for request in site.requests if not request.startswith("GET /frame/")]


def _saved(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind)
    return buffer.getvalue()


def test_widgets_that_were_linked_in_the_browser_move_together(show: Show) -> None:
    shown = show(showing_kind(KINDS["jslink"])).page
    slider, bar = shown.locator("input[type=range]"), shown.locator("progress")
    label = shown.locator(".podbook-column > .podbook-widget").last
    expect(slider).to_have_value("3")

    slider.press("ArrowRight")

    expect(bar).to_have_js_property("value", 4)
    expect(label).to_have_text("4")

    slider.press("Home")
    shown.get_by_role("button", name="▶").click()

    expect(slider).to_have_value("10")
    expect(bar).to_have_js_property("value", 10)
    expect(label).to_have_text("10")


def test_a_link_to_a_file_that_the_run_did_not_leave_says_so_once(show: Show) -> None:
    linked = ipynb(code(html="<a href='figures/cost.csv'>the figures</a>"))
    shown = show(linked).page
    said = shown.get_by_text("figures/cost.csv is no file of this run")

    for _ in range(2):
        shown.get_by_role("link", name="the figures").click()

    expect(said).to_have_count(1)
    expect(said).to_contain_text("artifacts/")
    assert shown.url.endswith("/page")


def test_a_slow_line_costs_no_chart(show: Show) -> None:
    shown = show(showing_kind(KINDS["altair-html"]))

    expect(shown.page.locator(".vega-embed svg.marks")).to_be_attached()
    # By itself RequireJS gives a library up after seven.
    assert shown.page.evaluate("requirejs.s.contexts._.config.waitSeconds") == 0
