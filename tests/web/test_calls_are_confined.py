"""Calls between browsers, which no policy of a page names, do not leave a notebook's page."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from podbook_api.artifacts import file_answers
from podbook_api.artifacts.rendering.page import page
from tests.support.browser import until
from tests.support.notebooks import code, ipynb
from tests.support.shown import Pages, showing
from tests.support.website import Site

# Asks a server of the caller's choosing who it is; its name could carry what the page holds.
CALL = """try {
  const call = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:PORT'}]});
  call.createDataChannel('x');
  call.onicegatheringstatechange = () => { document.title = call.iceGatheringState };
  call.createOffer().then((offer) => call.setLocalDescription(offer));
} catch (error) { document.title = 'no such thing' }"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        yield listening


def heard(listener: socket.socket) -> bool:
    try:
        return bool(listener.recv(2000))
    except BlockingIOError:
        return False


def test_a_call_reaches_nobody(
    browser: Browser,
    served: tuple[Pages, Site],
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = f"<script>{CALL.replace('PORT', str(listener.getsockname()[1]))}</script>"
    drawn = page(ipynb(code(html=f"{script}<p id='there'>drawn</p>")), report=False)
    with showing(browser, served, drawn) as shown:
        assert shown.text("there") == "drawn"
        assert shown.page.evaluate("typeof RTCPeerConnection") == "undefined"

    # What a frame made by a script would have, were it not for the header.
    bare = f"<!DOCTYPE html><title>calls</title>{script}"
    with showing(browser, served, bare) as shown:
        shown.page.wait_for_function("document.title == 'complete'")
    assert not heard(listener)

    monkeypatch.setattr(file_answers, "UNTOLD", {})
    with showing(browser, served, bare) as shown:
        until(shown.page, lambda: [] if heard(listener) else ["a call"])
