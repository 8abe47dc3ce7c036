"""A notebook as a page: what it shows, what it leaves out, and what it loads from where."""

import re

import pytest

from podbook_api.artifacts.rendering.page import page
from tests.support.notebooks import code, ipynb, markdown

FETCHED = re.compile(
    r"""<(?:script|img|iframe|link|object|embed|source)[^>]+(?:src|href)\s*=\s*"""
    r"""(?!["']?(?:data:|\#|/frame/))"""
    r"""|@import|url\(\s*["']?(?!data:|\#)"""
)
ELSEWHERE = re.compile(r"https?://[^\"'\s]*(?:cdn|unpkg|googleapis)[^\"'\s]*")

EVERYTHING = ipynb(
    markdown("# Sales\n\nGrowth is $e^{i\\pi}$ and\n\n```mermaid\ngraph TD; A-->B\n```"),
    code("total = 1", html="<b>rows</b>"),
    code("plot()", javascript="require(['plotly'], function (p) {})"),
    code("slider()", widget='{"model_id": "a"}', plain="IntSlider(value=7)"),
    widgets={"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}},
)


@pytest.mark.parametrize("report", [False, True], ids=["notebook", "report"])
def test_a_page_fetches_nothing_but_our_own_libraries(report: bool) -> None:
    html = page(EVERYTHING, report=report)
    markup = re.sub(r"(<script[^>]*>).*?(</script>)", r"\1\2", html, flags=re.DOTALL)

    assert FETCHED.findall(markup) == []
    assert ELSEWHERE.findall(html) == []


def test_the_executed_notebook_shows_code_outputs_and_prompts() -> None:
    html = page(ipynb(markdown("# Sales"), code("total = 1", html="<b>rows</b>")), report=False)

    assert "<h1" in html
    assert "total" in html
    assert "<b>rows</b>" in html
    assert "In\xa0[1]:" in html or "In&nbsp;[1]:" in html


def test_a_report_shows_outputs_and_neither_code_nor_prompts() -> None:
    html = page(ipynb(markdown("# Sales"), code("total = 1", html="<b>rows</b>")), report=True)
    body = html[html.index("<body") :]

    assert "<b>rows</b>" in body
    assert "<h1" in body
    assert "total" not in body
    assert "Prompt" not in body


@pytest.mark.parametrize(
    ("cell", "has_it"),
    [
        pytest.param(markdown("no formula, 5 $ at most"), False, id="one dollar is money"),
        pytest.param(markdown("$x^2$"), True, id="inline"),
        pytest.param(markdown("\\begin{align}x\\end{align}"), True, id="environment"),
        pytest.param(code(latex="$\\displaystyle x$"), True, id="an output of sympy"),
        pytest.param(code("a = '$x$'", plain="$x$"), False, id="code and plain text are none"),
    ],
)
def test_maths_bring_mathjax_along(cell: object, has_it: bool) -> None:
    assert ("MathJax" in page(ipynb(cell), report=False)) == has_it


def test_a_plot_that_asks_for_requirejs_finds_it() -> None:
    asks = page(ipynb(code(javascript="require(['a'], () => 1)")), report=False)
    plain = page(ipynb(code(html="<p>that is required</p>")), report=False)

    assert "requirejs" in asks
    assert "requirejs" not in plain


def test_a_widget_whose_state_was_not_kept_is_said_to_be_one() -> None:
    assert "When it was made, it read: IntSlider(value=7)" in page(EVERYTHING, report=False)


def test_an_old_notebook_is_shown_too() -> None:
    old = (
        b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells":'
        b' [{"cell_type": "markdown", "metadata": {}, "source": ["# Since 2012"]}]}]}'
    )
    assert "Since 2012" in page(old, report=False)
