"""What a notebook drew, shown on its run's page, can read, call and keep nothing of its viewer."""

import json

from playwright.sync_api import expect

from tests.support.notebooks import code, ipynb
from tests.support.pages import Viewer
from tests.support.played import finished
from tests.web.test_pages_are_confined import ATTEMPTS, HOSTILE

LEAVING = """<b>still here</b><script>
for (const to of ['/v1/notebooks?stolen', 'http://elsewhere.invalid/?stolen', '/executions?stolen'])
  setTimeout(() => { location.href = to }, 50)
</script>"""


def test_a_script_of_a_notebook_reaches_nothing_of_its_viewer(viewer: Viewer) -> None:
    name = finished(viewer.site, ipynb(code(html=HOSTILE)))
    page = viewer.open(f"/executions/{name}")
    before = len(viewer.asked)

    verdict = page.frame_locator("iframe").locator("#verdict")
    expect(verdict).to_contain_text("origin", timeout=30_000)

    tried = json.loads(verdict.inner_text())
    assert tried.keys() >= ATTEMPTS.keys()
    assert tried["origin"] == "null"
    got = {key: text for key, text in tried.items() if text.startswith("GOT")}
    assert got == {}
    of_frame = [r for r in viewer.asked[before:] if r.frame != page.main_frame]
    own = [
        r for r in of_frame if "/frame" not in r.url and not r.url.startswith(("blob:", "data:"))
    ]
    # What the policy stops is told as a request as well; it has no answer.
    assert [r.url for r in own if r.response() is not None] == []
    assert (page.title(), page.url.endswith(name)) == ("sales · Succeeded · Podbook", True)


def test_a_script_of_a_notebook_leads_its_frame_nowhere(viewer: Viewer) -> None:
    name = finished(viewer.site, ipynb(code(html=LEAVING)))
    page = viewer.open(f"/executions/{name}")
    page.locator("iframe").wait_for()

    page.wait_for_function("() => performance.now() > 3000")

    own = viewer.site.api.url
    log = viewer.site.api.log.read_text()
    assert "stolen" not in log
    answered = [r for r in viewer.asked if "stolen" in r.url and r.url.startswith(own)]
    assert [r.url for r in answered if r.response() is not None] == []
    assert page.url == f"{own}/executions/{name}"
    viewer.asked[:] = [r for r in viewer.asked if "elsewhere.invalid" not in r.url]
