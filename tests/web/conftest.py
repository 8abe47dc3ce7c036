"""The browser of all tests here, pages of notebooks in it, and an API with and without a token."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from podbook_api.artifacts.rendering.page import page
from rig import api as apis
from rig import embedded
from rig.api import put_notebook
from rig.embedded import EmbeddedCluster
from rig.until import eventually
from tests.support import browser as browsers
from tests.support import pages, website
from tests.support.notebooks import code, ipynb, markdown
from tests.support.pages import Viewer
from tests.support.shown import Pages, Show, Shown, showing
from tests.support.website import Site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all; whoever looks at something has a tab of a context of its own."""
    with sync_playwright() as playwright:
        launched = browsers.launch(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Pages, Site]]:
    pages_of_notebooks = Pages()
    with website.running(pages_of_notebooks.app()) as site:
        yield pages_of_notebooks, site


@pytest.fixture
def show(browser: Browser, served: tuple[Pages, Site]) -> Iterator[Show]:
    """Return a function that shows a notebook's page in a tab.

    framed shows it inside a page of the same site.
    """
    with ExitStack() as opened:

        def shown(ipynb: bytes, *, report: bool = False, framed: bool = False) -> Shown:
            whole = page(ipynb, report=report)
            return opened.enter_context(
                showing(browser, served, whole, "framing" if framed else "page")
            )

        yield shown


PICTURES = Path(__file__).parents[2] / "test-pictures"
INPUT = {
    "type": "object",
    "properties": {
        "region": {"enum": ["north", "south"], "examples": ["south"]},
        "day": {"type": "string", "format": "date", "description": "The day that is looked at."},
        "limit": {"type": "integer", "default": 10, "minimum": 1},
    },
    "required": ["region"],
}
REGION = {"type": "object", "properties": {"region": {"type": "string"}}, "required": ["region"]}
BOARD = {
    "type": "object",
    "properties": {
        "customer": {"type": "string"},
        "limit": {"type": "integer", "default": 10},
        "day": {"type": "string", "format": "date", "default": {"$now": "date"}},
    },
    "required": ["customer"],
}
RATES = {
    "type": "object",
    "properties": {"epochs": {"type": "integer"}, "rate": {"type": "number", "default": 0.1}},
}
OUTPUT = {"type": "object", "properties": {"orders": {"type": "integer"}}}
SOURCE = ipynb(
    markdown("# Sales of a region\n\nAnswers with *one* figure. And more."), code("print(1)")
).decode()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    folder = tmp_path_factory.mktemp("web") / "cluster"
    with embedded.running(folder, embedded.PLAYED) as running:
        put_notebook(running, "sales", input=INPUT, output=OUTPUT, source={"ipynb": SOURCE})
        put_notebook(running, "quality", id="reports/data quality")
        put_notebook(running, "salesreport", id="reports/sales report", input=REGION)
        put_notebook(running, "board", input=BOARD, title="Customers", report={}, tags=["sales"])
        put_notebook(running, "rates", input=RATES)
        put_notebook(running, "broken", problem="broken.config.json: line 3 is no JSON")
        yield running


@pytest.fixture(scope="session", params=["loopback", "token"])
def site(
    request: pytest.FixtureRequest,
    cluster: EmbeddedCluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[pages.Site]:
    """The same pages where nobody has to sign in, and where a token is asked for."""
    folder = tmp_path_factory.mktemp("site")
    token, settings = None, {}
    if request.param == "token":
        token = pages.TOKEN
        (folder / "token").write_text(token)
        settings = {"PODBOOK_AUTH": "token", "PODBOOK_AUTH_TOKEN_FILE": str(folder / "token")}
    with apis.running(cluster, folder / "api", **settings) as running:
        found = pages.Site(running, cluster, token)
        eventually(lambda: found.notebooks() == 6, "the notebooks")
        yield found


@pytest.fixture
def viewer(browser: Browser, site: pages.Site) -> Iterator[Viewer]:
    PICTURES.mkdir(exist_ok=True)
    opened = browsers.context(browser)
    seen = pages.viewer(opened, site, PICTURES)
    yield seen
    opened.close()
    assert seen.foreign == []
