"""The forms of one page: as it is looked at, in a frame, and as one file that needs nothing."""

import re
from html import escape
from typing import Final

from podbook_api.artifacts.rendering import assets

_HEAD_END: Final = b"</head>\n<body"
_NEEDS: Final = re.compile(rb'data-needs="([\w ]*)"')
_SCRIPT: Final = re.compile(rb'<script( defer)? src="(/frame/[\w.-]+)"></script>')


def titled(page: bytes, title: str) -> bytes:
    """Return the page under its title."""
    said = f"<title>{escape(title)}</title>".encode("utf-8", "replace")
    return page.replace(b"<title>Notebook</title>", said, 1)


def headed(page: bytes, head: str) -> bytes:
    """Return the page with a head of ours before what the notebook shows."""
    return page.replace(b"\n<main>", b"\n" + head.encode("utf-8", "replace") + b"<main>", 1)


def below(page: bytes, root: str) -> bytes:
    """Return the page for an API whose paths all begin with a root."""
    if not root:
        return page
    prefix = assets.PREFIX.encode()
    # Ours alone: in the document's head, and what was made of a library's public address.
    return page.replace(b"&quot;" + prefix, b"&quot;" + root.encode() + prefix).replace(
        b'src="' + prefix, b'src="' + root.encode() + prefix
    )


def alone(page: bytes) -> bytes:
    """Return the page as one file: the libraries that it needs stand in it."""
    head, end, body = page.partition(_HEAD_END)
    needs = _NEEDS.search(head)
    names = needs[1].decode().split() if needs else []
    inlined = _SCRIPT.sub(_inlined, head)
    kept = [
        f'<script type="text/plain" data-library="{assets.address(file)}">'
        f"{assets.as_text(file)}</script>\n"
        for name in names
        if name not in ("require", "mathjax")
        for file in assets.LIBRARIES[name]
    ]
    # A script with content is not deferred by itself; formulas wait until the page is there.
    return inlined + "".join(kept).encode() + end + body


def _inlined(found: re.Match[bytes]) -> bytes:
    file = assets.by_address().get(found[2].decode())
    return found[0] if file is None else f"<script>{assets.as_text(file)}</script>".encode()
