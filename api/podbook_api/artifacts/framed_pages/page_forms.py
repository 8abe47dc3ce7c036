"""The forms of one page: as it is looked at, in a frame, and as one file that needs nothing."""

import re
from html import escape
from typing import Final

from podbook_api.artifacts.rendering import assets

_HEAD_END: Final = b"</head>\n<body"
_NEEDS: Final = re.compile(rb'data-needs="([\w ]*)"')
_SCRIPT: Final = re.compile(rb"<script\b[^<>]*?\ssrc=[\"']?(/frame/[\w.-]+)[^<>]*></script>")
_OWN_SCRIPT: Final = b"<script data-libraries="
# With what stands before it: within a text or an attribute.
_ADDRESS: Final = re.compile(rb"([\"'`=]|&quot;)(/frame/[\w.-]+\.[0-9a-f]{16})")


def titled(page: bytes, title: str) -> bytes:
    """Return the page under its title."""
    said = f"<title>{escape(title)}</title>".encode("utf-8", "replace")
    return page.replace(b"<title>Notebook</title>", said, 1)


def headed(page: bytes, head: str) -> bytes:
    """Return the page with a head of ours before what the notebook shows."""
    return page.replace(b"\n<main>", b"\n" + head.encode("utf-8", "replace") + b"<main>", 1)


def below(page: bytes, root: str) -> bytes:
    """Return the page for an API whose paths all begin with a root."""
    return _ADDRESS.sub(rb"\1" + root.encode() + rb"\2", page) if root else page


def alone(page: bytes) -> bytes:
    """Return the page as one file: the libraries that it needs stand in it."""
    head, end, body = page.partition(_HEAD_END)
    needs = _NEEDS.search(head)
    names = needs[1].decode().split() if needs else []
    kept = [
        f'<script type="text/plain" data-library="{assets.address(file)}">'
        f"{assets.as_text(file)}</script>\n"
        for name in names
        if name not in ("require", "mathjax")
        for file in assets.LIBRARIES[name]
    ]
    # Those that are kept are put to use where something asks for their address, each once.
    head = head.replace(_OWN_SCRIPT, "".join(kept).encode() + _OWN_SCRIPT, 1)
    return _SCRIPT.sub(_inlined, head) + end + _SCRIPT.sub(_kept, body)


def _inlined(found: re.Match[bytes]) -> bytes:
    # A script with content is not deferred by itself; MathJax waits for the page on its own.
    file = assets.by_address().get(found[1].decode())
    return found[0] if file is None else f"<script>{assets.as_text(file)}</script>".encode()


def _kept(found: re.Match[bytes]) -> bytes:
    if found[1].decode() not in assets.by_address():
        return found[0]
    return b'<script>podbookLibrary("' + found[1] + b'")</script>'
