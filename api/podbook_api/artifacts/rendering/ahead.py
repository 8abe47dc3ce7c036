"""What has a browser reach addresses ahead of a click, taken out of what a notebook shows.

No policy stops these: a name that is looked up, a connection, a page that is fetched. What else
loads is refused by the policy, and told of.
"""

import re
from typing import Final

_LINK: Final = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)
_REL: Final = re.compile(
    r"""\srel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_AHEAD: Final = {"dns-prefetch", "preconnect", "prerender"}
# Of another type they are data. What they hold stays: in a script's text no end is to be lost.
_SCRIPT: Final = re.compile(r"<script\b[^<>]*>", re.IGNORECASE)
_RULES: Final = re.compile("speculationrules", re.IGNORECASE)


def without(html: str) -> str:
    """Return the HTML without them."""
    if _RULES.search(html):
        html = _SCRIPT.sub(lambda tag: _RULES.sub("text/plain", tag[0]), html)
    return _LINK.sub(_kept, html)


def _kept(found: re.Match[str]) -> str:
    rel = _REL.search(found[0])
    words = "".join(word or "" for word in rel.groups()).lower().split() if rel else []
    return "" if _AHEAD.intersection(words) else found[0]
