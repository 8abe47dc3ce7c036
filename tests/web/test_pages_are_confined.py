"""A notebook's script, in a real browser, reaches neither the API nor a page of its origin."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.notebooks import code, ipynb
from tests.support.shown import Show, Shown

# Each is an expression: a promise of what it got, or an exception.
ATTEMPTS = {
    "fetch": "fetch('/v1/notebooks').then(r => r.text())",
    "fetch by absolute address": "fetch(here + '/v1/notebooks').then(r => r.text())",
    "fetch without asking": """fetch(here + '/v1/executions',
        {method: 'POST', mode: 'no-cors', body: '{}'}).then(() => 'sent')""",
    "XMLHttpRequest": """new Promise((yes, no) => { const x = new XMLHttpRequest();
        x.onload = () => yes(x.responseText); x.onerror = () => no('refused');
        x.open('GET', here + '/v1/notebooks'); x.send() })""",
    "EventSource": """new Promise((yes, no) => { const s = new EventSource(here + '/v1/events');
        s.onopen = () => yes('open'); s.onerror = () => no('refused') })""",
    "WebSocket": """new Promise((yes, no) => {
        const s = new WebSocket(here.replace('http', 'ws') + '/socket');
        s.onopen = () => yes('open'); s.onerror = () => no('refused') })""",
    "image": """new Promise((yes, no) => { const i = new Image(); i.onload = () => yes('loaded');
        i.onerror = () => no('refused'); i.src = here + '/image.png?stolen' })""",
    "script": """new Promise((yes, no) => { const s = document.createElement('script');
        s.onload = () => yes('loaded'); s.onerror = () => no('refused');
        s.src = here + '/v1/notebooks'; document.head.append(s) })""",
    "module": "import(here + '/v1/notebooks').then(() => 'loaded')",
    "worker": """new Promise((yes, no) => {
        const text = `fetch('${here}/v1/notebooks').then(r => postMessage('got it'),
            () => postMessage('refused'))`;
        const w = new Worker(URL.createObjectURL(new Blob([text])));
        w.onmessage = e => e.data === 'refused' ? no(e.data) : yes(e.data);
        w.onerror = () => no('refused') })""",
    "cookies": "document.cookie",
    "local storage": "localStorage.length",
    "indexed database": """new Promise((yes, no) => { const r = indexedDB.open('x');
        r.onsuccess = () => yes('open'); r.onerror = () => no('refused') })""",
    "service worker": "navigator.serviceWorker.register('/worker.js').then(() => 'registered')",
    "a window": "window.open(here + '/window').document.title",
    "the framing page": "parent.document.getElementById('secret').textContent",
    "the framing page's address": "top.location.href",
}

HOSTILE = """<p id="verdict"></p><script>
const here = location.origin === 'null' ? location.href.replace(/\\/page.*/, '') : location.origin;
const attempts = {ATTEMPTS};
async function attempt() {
  const got = {};
  for (const [name, act] of Object.entries(attempts)) {
    try {
      const late = new Promise((_, no) => setTimeout(() => no('no answer'), 300));
      got[name] = 'GOT ' + await Promise.race([act(), late]);
    } catch (error) { got[name] = 'no: ' + error }
  }
  got.origin = String(self.origin);
  return JSON.stringify(got);
}
attempt().then(text => {
  document.getElementById('verdict').textContent = text;
  parent.postMessage(text, '*');
});
</script>""".replace(
    "ATTEMPTS", ", ".join(f"{json.dumps(n)}: () => {a}" for n, a in ATTEMPTS.items())
)

# Needs no answer: what counts is whether it arrives.
SENDING = """<p id="refused"></p><script>
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  document.getElementById('refused').append(`${effectiveDirective} ${blockedURI.split('/').pop()},`)
})</script><form id="f" action="/v1/executions" method="post"><input name="x"></form>
<link rel="prefetch" href="/prefetched"><iframe src="/framed"></iframe>
<object data="/object"></object><style>@import url('/style'); p {background: url('/css')}</style>
<p>styled</p><script>
navigator.sendBeacon('/beacon', '{}');
document.getElementById('f').submit();
</script>"""

# What is told of each: the directive, and the end of the address.
REFUSED = ["default-src prefetched", "style-src-elem style", "connect-src beacon", "img-src css"]
REFUSED += ["object-src", "frame-src"]


def asked(shown: Shown) -> list[str]:
    """Return what was asked for, but by a window of its own.

    A link in an output may open one; it is as confined as the page, which reads nothing of it.
    """
    by_window = {"GET /window", "GET /favicon.ico"}
    return [request for request in shown.site.requests if request not in by_window]


@pytest.mark.parametrize("report", [False, True], ids=["notebook", "report"])
def test_a_script_reaches_nothing(show: Show, report: bool) -> None:
    shown = show(ipynb(code(html=HOSTILE)), report=report)

    verdict = json.loads(shown.text("verdict"))

    framed_only = {"the framing page", "the framing page's address"}
    assert verdict.keys() >= ATTEMPTS.keys()
    assert verdict["origin"] == "null"
    got = {name for name, text in verdict.items() if text.startswith("GOT")}
    assert got - framed_only == set()
    assert asked(shown) == ["GET /page"], (shown.site.purposes, verdict)


def test_a_script_in_a_frame_does_not_reach_the_framing_page(show: Show) -> None:
    shown = show(ipynb(code(html=HOSTILE)), framed=True)

    verdict = json.loads(shown.text("heard"))

    assert {name: text for name, text in verdict.items() if text.startswith("GOT")} == {}
    assert asked(shown) == ["GET /framing", "GET /page"]


def test_markup_sends_nothing_either(show: Show) -> None:
    shown = show(ipynb(code(html=SENDING)))

    refused = shown.page.locator("#refused")
    for directive in REFUSED:
        expect(refused).to_contain_text(directive)
    expect(shown.page.get_by_text("styled")).to_be_visible()
    assert any("Blocked form submission" in said for said in shown.complaints)
    assert shown.site.requests == ["GET /page"]
