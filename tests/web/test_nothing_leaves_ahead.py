"""What loads, connects, looks up or sends by markup alone reaches no other origin."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from podbook_api.artifacts.rendering.page import page
from tests.support import browser as browsers
from tests.support import website
from tests.support.notebooks import code, ipynb, markdown
from tests.support.shown import Pages, showing
from tests.support.website import Site

_RELS = "preconnect dns-prefetch prefetch preload prerender modulepreload stylesheet icon manifest"
# Each is markup that wants one address.
WAYS = {rel: f'<link rel="{rel}" as="script" href="ADDRESS">' for rel in _RELS.split()}
WAYS |= {
    "several words": '<link href=ADDRESS rel="alternate PreConnect">',
    "a header in the text": '<meta http-equiv="Link" content="<ADDRESS>; rel=preconnect">',
    "rules": f"""<script type="speculationrules">{
        json.dumps(
            {how: [{"source": "list", "urls": ["ADDRESS"]}] for how in ("prefetch", "prerender")}
        )
    }</script>""",
    "a ping": """<a href="#x" ping="ADDRESS">x</a>
<script>document.querySelector("[ping]").click()</script>""",
    "a portal": '<portal src="ADDRESS"></portal>',
    "a style": """<style>@import url("ADDRESS"); u {background: url("ADDRESS")}
@font-face {font-family: away; src: url("ADDRESS")} u {font-family: away}</style><u>text</u>""",
    "media": """<img srcset="ADDRESS 1x"><video poster="ADDRESS"></video>
<audio src="ADDRESS"></audio><object data="ADDRESS"></object><embed src="ADDRESS">
<svg><image href="ADDRESS"/></svg>""",
    "a frame": """<iframe srcdoc='<link rel="stylesheet" href="ADDRESS">'></iframe>""",
    # It leads away from where nothing holds it: the last one.
    "a form": """<form action="ADDRESS" id="away"><input name="a"></form>
<script>document.getElementById("away").submit()</script>""",
}
# What a browser asks for where nothing is refused: else the listeners would prove nothing.
HEARD = {"prefetch", "preload", "modulepreload", "stylesheet", "rules", "a ping", "a style"}
HEARD |= {"a form", "media", "a frame"}


class Elsewhere:
    """A port for each way, and which of them were connected to."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.connected: set[str] = set()
        self.markup = "".join(
            markup.replace("ADDRESS", f"http://127.0.0.1:{ports[way]}/")
            for way, markup in WAYS.items()
        )


@contextmanager
def _elsewhere() -> Iterator[Elsewhere]:
    with ExitStack() as opened:
        sockets = {
            way: opened.enter_context(socket.create_server(("127.0.0.1", 0))) for way in WAYS
        }
        others = Elsewhere({way: each.getsockname()[1] for way, each in sockets.items()})

        def listen(way: str, listening: socket.socket) -> None:
            while True:
                try:
                    listening.accept()[0].close()
                except OSError:
                    return
                others.connected.add(way)

        threads = [Thread(target=listen, args=each) for each in sockets.items()]
        for thread in threads:
            thread.start()
        try:
            yield others
        finally:
            for each in sockets.values():
                each.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


@pytest.mark.parametrize("path", ["page", "framing"])
def test_markup_reaches_no_other_origin(
    browser: Browser, served: tuple[Pages, Site], path: str
) -> None:
    with _elsewhere() as others:
        html = page(ipynb(code(html=others.markup), markdown(others.markup)), report=False)
        with showing(browser, served, html, path) as shown:
            _until_a_bare_page_reached_them(browser)

            expect(shown.page.locator("body")).to_be_visible()
        assert others.connected == set()


def _until_a_bare_page_reached_them(browser: Browser) -> None:
    """Take as long as the same markup needs where nothing holds it."""
    with _elsewhere() as heard:

        async def bare(_: Request) -> HTMLResponse:
            return HTMLResponse(heard.markup)

        with (
            website.running(Starlette(routes=[Route("/bare", bare)])) as site,
            browsers.tab(browser) as tab,
        ):
            tab.goto(f"{site.url}/bare", wait_until="commit")
            browsers.until(tab, lambda: HEARD - heard.connected, seconds=20)
