"""Loads a page in Debian's Chromium, with no network but this machine."""

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Final

SECONDS: Final = 90
# Chromium's own clock, in milliseconds: it jumps ahead while a page only waits for a timer.
_PAGE_TIME: Final = 15_000

_FLAGS: Final = (
    "--headless",
    # Chromium's own sandbox does not start as root.
    "--no-sandbox",
    "--disable-gpu",
    # Draws WebGL without one.
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's own clock, see below, holds for one process.
    "--disable-features=IsolateSandboxedIframes",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def dom(url: str, folder: Path) -> str:
    """Return the page's document after its scripts ran; folder is for the browser's own files."""
    chromium = shutil.which("chromium")
    assert chromium, "no chromium on this machine: `make test-web` installs it"
    finished = subprocess.run(
        [
            *(chromium, *_FLAGS, f"--user-data-dir={folder / 'chromium'}"),
            *(f"--virtual-time-budget={_PAGE_TIME}", "--dump-dom", url),
        ],
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode(errors="replace")[-2000:]
    return finished.stdout.decode()


def text_of(document: str, element_id: str) -> str:
    """Return the text of the element with that id, which holds no other element."""
    found = re.search(rf'<(\w+)[^>]*\bid="{element_id}"[^>]*>([^<]*)</\1>', document)
    assert found, f"no element {element_id!r} in a document of {len(document)} characters"
    return unescape(found[2])
