"""Notebooks' pages as the API serves them, in a browser, without the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from podbook_api.artifacts import file_answers
from podbook_api.artifacts.artifact_names import HTML_TYPE
from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.artifacts.framed_pages import library_routes
from tests.support import browser as browsers
from tests.support.website import Site

FRAMING = """<p id="secret">the page's own</p><p id="heard"></p>
<script>onmessage = (e) => { document.getElementById("heard").textContent = e.data }</script>
<iframe src="/page"></iframe>"""


@dataclass
class Shown:
    """A page in a tab, the site that it is from, and what the tab complained of."""

    page: Page
    site: Site
    complaints: list[str]

    def text(self, element_id: str) -> str:
        """Return the text of an element, as soon as it has one."""
        found = self.page.locator(f"#{element_id}:not(:empty)")
        return found.inner_text()


Show = Callable[..., Shown]


class Pages:
    """Serves one page at a time, and what it loads; anything else is answered and noted."""

    def __init__(self) -> None:
        self.page = b""

    def app(self) -> Starlette:
        paths = {"/page": self._page, "/framing": _framing, "/frame/{name}": _library}
        routes = [Route(path, to, methods=["GET"]) for path, to in paths.items()]
        anything = Route("/{path:path}", _anything, methods=["GET", "POST"])
        return Starlette(routes=[*routes, anything])

    async def _page(self, request: Request) -> Response:
        body = Body(media_type=HTML_TYPE, size=len(self.page), etag=None, data=self.page)
        return file_answers.response(request, body)


@contextmanager
def showing(
    browser: Browser,
    served: tuple[Pages, Site],
    page: str,
    path: str = "page",
    until: Literal["commit", "load"] = "load",
    **how: Any,
) -> Iterator[Shown]:
    """Show a page in a tab of its own; how is what a browser's context takes."""
    pages, site = served
    pages.page = page.encode()
    site.requests.clear()
    site.purposes.clear()
    with browsers.tab(browser, **how) as tab:
        shown = Shown(tab, site, browsers.complaints(tab))
        tab.goto(f"{site.url}/{path}", wait_until=until)
        yield shown


async def _framing(_: Request) -> Response:
    answer = HTMLResponse(FRAMING)
    answer.set_cookie("session", "secret")
    return answer


async def _library(request: Request) -> Response:
    return await library_routes.serve(request, request.path_params["name"])


async def _anything(_: Request) -> Response:
    return Response("{}", media_type="application/json")
