"""A site that serves notebook pages just as the API does."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from podbook_api.artifacts import file_answers
from podbook_api.artifacts.artifact_names import HTML_TYPE
from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.artifacts.frame import library_routes
from podbook_api.artifacts.rendering.renderer import Renderer
from podbook_api.artifacts.store import Store
from tests.support import api as apis
from tests.support import embedded, pages, website
from tests.support.api import eventually, put_notebook
from tests.support.browser import dom
from tests.support.embedded import EmbeddedCluster
from tests.support.notebooks import code, ipynb, markdown
from tests.support.pages import Viewer
from tests.support.website import Site

FRAMING = """<p id="secret">the page's own</p><p id="heard"></p>
<script>onmessage = (e) => { document.getElementById("heard").textContent = e.data }</script>
<iframe src="/page"></iframe>"""


@pytest.fixture(scope="module")
def show_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, Site]]:
    """Return what `show` is, for a notebook that all tests of a file look at."""
    return _showing(tmp_path_factory.mktemp("shown"))


@pytest.fixture
def show(tmp_path: Path) -> Callable[..., tuple[str, Site]]:
    """Return a function that shows a notebook's page in the browser: its document, and the site.

    framed shows it inside a page of the same site.
    """
    return _showing(tmp_path)


def _showing(folder: Path) -> Callable[..., tuple[str, Site]]:
    def shown(ipynb: bytes, *, report: bool = False, framed: bool = False) -> tuple[str, Site]:
        # In a thread of its own: while a browser is open, this one has a loop already.
        with ThreadPoolExecutor(1) as apart:
            making = _page(ipynb, folder / "store", report=report)
            page = apart.submit(asyncio.run, making).result()
        body = Body(media_type=HTML_TYPE, size=len(page), etag=None, data=page)

        async def of_the_notebook(request: Request) -> Response:
            return file_answers.response(request, body)

        async def framing(_: Request) -> Response:
            answer = HTMLResponse(FRAMING)
            answer.set_cookie("session", "secret")
            return answer

        async def anything(_: Request) -> Response:
            return Response("{}", media_type="application/json")

        async def library(request: Request) -> Response:
            return await library_routes.serve(request, request.path_params["name"])

        paths = {"/page": of_the_notebook, "/framing": framing, "/frame/{name}": library}
        paths["/{path:path}"] = anything
        routes = [Route(path, to, methods=["GET", "POST"]) for path, to in paths.items()]
        with website.running(Starlette(routes=routes)) as running:
            return dom(f"{running.url}/{'framing' if framed else 'page'}", folder), running

    return shown


async def _page(ipynb: bytes, folder: Path, *, report: bool) -> bytes:
    renderer = Renderer(Store.open(folder.as_uri()), processes=1)
    try:
        return await renderer.page(ipynb, report=report)
    finally:
        await renderer.close()


CRDS = sorted((Path(__file__).parents[2] / "crds").glob("*.yaml"))
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
OUTPUT = {"type": "object", "properties": {"orders": {"type": "integer"}}}
SOURCE = ipynb(
    markdown("# Sales of a region\n\nAnswers with *one* figure. And more."), code("print(1)")
).decode()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    manifests = [argument for path in CRDS for argument in ("--manifest", str(path))]
    folder = tmp_path_factory.mktemp("web") / "cluster"
    with embedded.running(folder, ["--no-kubelet", *manifests]) as running:
        put_notebook(running, "sales", input=INPUT, output=OUTPUT, source={"ipynb": SOURCE})
        put_notebook(running, "quality", id="reports/data quality")
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
        eventually(lambda: found.notebooks() == 3, "the notebooks")
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = pages.launch(playwright)
        yield launched
        launched.close()


@pytest.fixture
def viewer(browser: Browser, site: pages.Site) -> Iterator[Viewer]:
    PICTURES.mkdir(exist_ok=True)
    opened = pages.context(browser)
    seen = pages.viewer(opened, site, PICTURES)
    yield seen
    opened.close()
    assert seen.foreign == []
