"""Debian's Chromium, driven by Playwright, with no network but this machine."""

import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

SIZES: Final = {"desktop": (1280, 800), "phone": (390, 844), "narrow": (320, 700)}
_FLAGS: Final = (
    # Chromium's own sandbox does not start as root.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # Draws WebGL without a GPU.
    "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def launch(playwright: Playwright) -> Browser:
    chromium = shutil.which("chromium")
    assert chromium, "no chromium on this machine: `make test-web` installs it"
    return playwright.chromium.launch(
        executable_path=chromium,
        args=list(_FLAGS),
        # People's browsers open no window without a click.
        ignore_default_args=["--disable-popup-blocking"],
    )


def context(browser: Browser, *, size: str = "desktop", scheme: Any = "light") -> BrowserContext:
    width, height = SIZES[size]
    return browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )


@contextmanager
def tab(browser: Browser, **how: Any) -> Iterator[Page]:
    """Open a tab of somebody who was never there before; how is what `context` takes."""
    opened = context(browser, **how)
    page = opened.new_page()
    page.set_default_timeout(90_000)
    try:
        yield page
    finally:
        opened.close()


def until(page: Page, missing: Callable[[], Collection[str]], *, seconds: float = 60) -> None:
    """Wait until nothing is missing, and let the browser's own events come in meanwhile."""
    end = time.monotonic() + seconds
    while left := missing():
        assert time.monotonic() < end, f"still missing after {seconds} s: {sorted(left)}"
        page.wait_for_timeout(20)


def complaints(page: Page) -> list[str]:
    """Return a list that everything is added to of which the tab complains from now on."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
