"""Formulas and plots appear in a real browser with no network but the API."""

import base64
import io
import re

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tests.support.notebooks import code, ipynb, markdown
from tests.support.shown import Show
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


def test_plots_of_matplotlib_are_shown(show: Show) -> None:
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    png = base64.b64encode(_saved(figure, "png")).decode()
    svg = _saved(figure, "svg").decode()

    shown = show(ipynb(code(png=png), code(svg=svg), code(html=LOOK)))

    assert shown.text("images") == "true,true"
    assert shown.site.requests == ["GET /page"]


def test_an_interactive_plot_finds_its_loader(show: Show) -> None:
    shown = show(ipynb(code(html=INTERACTIVE)), report=True)

    assert shown.text("plot") == "drawn"
    assert _others(shown.site) == ["GET /page"]


def test_an_attached_image_is_shown(show: Show) -> None:
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    cell = markdown("![plot](attachment:plot.png)")
    data = base64.b64encode(_saved(figure, "png")).decode()
    cell["attachments"] = {"plot.png": {"image/png": data}}

    shown = show(ipynb(cell, code(html=LOOK)))

    assert shown.text("images") == "true"


def test_a_long_line_of_code_can_be_scrolled_to_its_end(show: Show) -> None:
    long = code("# " + "a long comment " * 40, html=SCROLLED)

    shown = show(ipynb(long))

    assert shown.text("scrolled") == "reached"


def _others(site: Site) -> list[str]:
    """Return what was asked for beside our own libraries."""
    return [request for request in site.requests if not request.startswith("GET /frame/")]


def _saved(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind)
    return buffer.getvalue()
