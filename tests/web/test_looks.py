"""Pages on paper, in the dark, on a phone, and what a terminal would show of a text."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from podbook_api.artifacts.rendering.page import page
from tests.support.outputs.building import Kind, cell, display, notebook, png, printed
from tests.support.shown import Pages, showing
from tests.support.website import Site

ROW = "".join(f"<td>{n * 1111}</td>" for n in range(30))
WIDE = f"<table><thead><tr>{ROW}</tr></thead><tbody>{f'<tr>{ROW}</tr>' * 80}</tbody></table>"
TEXT = (
    "\x1b[38;5;196mred of 256\x1b[0m \x1b[38;2;1;2;3mtrue\x1b[0m \x1b[4munder\x1b[24m "
    "\x1b[3mslanted\x1b[0m \x1b[9mstruck\x1b[0m \x1b[2mfaint\x1b[0m \x1b[1;32mbold\x1b[0m "
    "\x1b[7minverse\x1b[27m \x1b[31;7mboth\x1b[0m "
    "\x1b]8;;https://x.org/a?b\x1b\\named\x1b]8;;\x1b\\ "
    "\x1b]8;;javascript:alert(1)\x1b\\hostile\x1b]8;;\x1b\\ \x1b]0;title\x07\x1b[2Kend"
)
TRACEBACK = {
    "output_type": "error",
    "ename": "KeyError",
    "evalue": "'zzz'",
    "traceback": ["Traceback (most recent call last)", "  at a line", "KeyError: 'zzz'"],
}
CELLS = {
    "table": [display({"text/html": WIDE})],
    "plot": [display({"image/png": png()})],
    "terminal": [printed(TEXT)],
    "grid": [printed("one    two    three\n" * 3 + "x" * 400 + "\n")],
    "right to left": [printed("\u05e9\u05dc\u05d5\u05dd\n")],
    "raised": [TRACEBACK],
}


@pytest.fixture(scope="module")
def whole() -> str:
    cells = [cell(f"# {name}", outputs) for name, outputs in CELLS.items()]
    return page(notebook(Kind("last", []), before=cells), report=False)


class Looked:
    """A page in a tab, by what its cells show."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab

    def of(self, name: str, selector: str = "") -> Locator:
        area = self.tab.locator(".jp-Cell").nth(list(CELLS).index(name)).locator(".jp-OutputArea")
        return area.locator(selector).first if selector else area

    def style(self, element: Locator, name: str) -> Any:
        return element.evaluate(f"(e) => getComputedStyle(e).{name}")


def test_on_paper_a_wide_table_fits_and_goes_on_over_pages(
    browser: Browser, served: tuple[Pages, Site], whole: str
) -> None:
    with showing(browser, served, whole) as shown:
        seen = Looked(shown.page)
        shown.page.emulate_media(media="print")
        shown.page.set_viewport_size({"width": 700, "height": 1000})
        table = seen.of("table", "table")
        assert table.evaluate("(t) => t.scrollWidth") > 700
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")

        assert table.evaluate("(t) => t.getBoundingClientRect().width") <= 700
        assert seen.style(seen.of("table", ".jp-OutputArea-output"), "maxHeight") == "none"
        assert seen.style(seen.of("table", "tr"), "breakInside") == "avoid"
        assert seen.style(seen.of("table", "thead"), "display") == "table-header-group"
        assert seen.style(seen.of("plot", "img"), "breakInside") == "avoid"
        assert seen.style(shown.page.locator(".jp-Cell").first, "breakInside") == "auto"
        assert seen.style(shown.page.locator("body"), "backgroundColor") == "rgb(255, 255, 255)"
        # Pages are counted in their margin.
        assert "counter(page)" in shown.page.evaluate(
            "[...document.styleSheets].flatMap((s) => [...s.cssRules]).map((r) => r.cssText).join()"
        )
        assert shown.page.pdf().count(b"/Type /Page\n") > 1


def test_in_the_dark_plots_keep_a_light_card(
    browser: Browser, served: tuple[Pages, Site], whole: str
) -> None:
    with showing(browser, served, whole, scheme="dark") as shown:
        seen = Looked(shown.page)
        assert seen.style(shown.page.locator("body"), "backgroundColor") == "rgb(22, 25, 29)"
        assert seen.style(seen.of("plot", "img"), "backgroundColor") == "rgb(255, 255, 255)"


def test_on_a_phone_only_parts_scroll_sideways(
    browser: Browser, served: tuple[Pages, Site], whole: str
) -> None:
    with showing(browser, served, whole, size="phone") as shown:
        seen = Looked(shown.page)
        width = shown.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1]
        inner = seen.of("table", ".jp-OutputArea-output")
        assert inner.evaluate("(e) => e.scrollWidth > e.clientWidth")
        # Columns stay columns.
        assert seen.style(seen.of("grid", "pre"), "whiteSpace") == "pre"


def test_text_is_what_a_terminal_would_show(
    browser: Browser, served: tuple[Pages, Site], whole: str
) -> None:
    with showing(browser, served, whole) as shown:
        seen = Looked(shown.page)
        text = seen.of("terminal", "pre")

        def look(word: str, name: str) -> Any:
            return seen.style(text.get_by_text(word, exact=True), name)

        assert look("red of 256", "color") == "rgb(255, 0, 0)"
        assert look("true", "color") == "rgb(1, 2, 3)"
        assert look("under", "textDecorationLine") == "underline"
        assert look("slanted", "fontStyle") == "italic"
        assert look("struck", "textDecorationLine") == "line-through"
        assert look("faint", "opacity") < "1"
        assert look("bold", "fontWeight") == "700"
        assert look("inverse", "backgroundColor") == "rgb(0, 0, 0)"
        assert look("both", "backgroundColor") == "rgb(231, 92, 88)"
        assert text.get_by_role("link").count() == 1
        assert text.get_by_role("link").get_attribute("href") == "https://x.org/a?b"
        assert text.inner_text().endswith("named hostile end")
        assert seen.style(seen.of("right to left", "pre"), "direction") == "rtl"


def test_of_a_traceback_the_last_line_is_first_and_the_rest_folded(
    browser: Browser, served: tuple[Pages, Site], whole: str
) -> None:
    with showing(browser, served, whole) as shown:
        seen = Looked(shown.page)
        area = seen.of("raised")
        assert area.inner_text().splitlines() == ["KeyError: 'zzz'", "Traceback, 3 lines"]
        area.get_by_text("Traceback, 3 lines").click()
        assert "at a line" in area.inner_text()
