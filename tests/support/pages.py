"""Podbook's pages in Debian's Chromium, driven by Playwright: what is seen, and what is asked."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page, Request

from rig.api import RunningApi
from rig.embedded import EmbeddedCluster
from tests.support import browser

TOKEN: Final = "open sesame"
_LOOK: Final = "axe.run(document, {iframes: false, resultTypes: ['violations']})"
_AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


@dataclass
class Site:
    """A running API, and the token that it asks for, if it does."""

    api: RunningApi
    cluster: EmbeddedCluster
    token: str | None

    @property
    def kind(self) -> str:
        """How it is looked at, for names."""
        return "token" if self.token else "loopback"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def notebooks(self) -> int:
        """Return how many notebooks it shows."""
        return len(self.api.http.get("/v1/notebooks", headers=self.headers()).json()["items"])


@dataclass
class Viewer:
    """A person in front of one tab; everything that the tab asks for or complains of is kept."""

    site: Site
    page: Page
    pictures: Path
    asked: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Keep what the tab asks for."""
        self.asked.append(request)

    def open(self, path: str) -> Page:
        """Open an address as a link with the token in its fragment would."""
        fragment = f"#token={self.site.token}" if self.site.token else ""
        self.page.goto(f"{self.site.api.url}{path}{fragment}")
        self.page.locator("h1").wait_for()
        return self.page

    def picture(self, name: str) -> None:
        """Keep a picture, and see that nothing stands out at the side."""
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{name} is wider than the window: {width}"
        size = self.page.viewport_size
        if size and self.page.locator("iframe").count():
            # A browser does not draw the frames that are out of sight.
            height = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": size["width"], "height": height})
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        if size and self.page.viewport_size != size:
            self.page.set_viewport_size(size)

    def violations(self) -> list[str]:
        """Return what axe finds, each with where it is."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(_AXE)
        found = self.page.evaluate(_LOOK)
        return [
            f"{one['impact']} {one['id']}: {[node['target'] for node in one['nodes']]}"
            for one in found["violations"]
        ]

    @property
    def foreign(self) -> list[str]:
        """Return what was asked of any other host."""
        own = urlsplit(self.site.api.url).netloc
        inside = ("data", "blob")
        parts = [urlsplit(request.url) for request in self.asked]
        return [p.geturl() for p in parts if p.netloc != own and p.scheme not in inside]


def viewer(opened: BrowserContext, site: Site, pictures: Path) -> Viewer:
    page = opened.new_page()
    page.set_default_timeout(20_000)
    seen = Viewer(site, page, pictures, complaints=browser.complaints(page))
    page.on("request", seen.note)
    return seen
