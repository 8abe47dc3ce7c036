"""Takes out of a text of the cluster's what nobody who reads a run has to see."""

import re
from collections.abc import Iterable
from typing import Final

from podbook_crds.call_rules.secret_parameters import MASK

# Characters of a text that is read at all, and of what is shown of it.
_READ: Final = 8192
_SHOWN: Final = 1024
# Below that a value stands in too many words by chance.
_SHORTEST: Final = 4
_RULES: Final = (
    # Who signs in at an address, and what stands behind its question mark: signatures, tokens.
    (re.compile(r"://[^\s/@\"']{1,1024}@"), f"://{MASK}@"),
    (re.compile(r"(://[^\s?\"']{1,1024})\?[^\s\"')]+"), rf"\1?{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {MASK}"),
    (
        re.compile(
            r"(?i)((?:password|passwd|token|secret|credential|api[_-]?key)[\"']?\s?[:=]\s?[\"']?)"
            r"[^\s\"',;)]+"
        ),
        rf"\1{MASK}",
    ),
)


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without credentials and without those secrets, and not too long."""
    text = text[:_READ]
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, MASK)
    for rule, instead in _RULES:
        text = rule.sub(instead, text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
