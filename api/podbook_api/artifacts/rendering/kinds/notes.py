"""The sentences that stand where something is not drawn."""

from html import escape
from typing import Any, Final

_ELSEWHERE: Final = "it is in notebook.ipynb"


def note(text: str) -> str:
    """Return a sentence of ours, told apart from what the notebook says."""
    return f'<p class="podbook-note" role="note">{escape(text)}</p>'


def not_drawn(media_types: list[str]) -> str:
    """Say that no type of an output is one that pages draw."""
    if not media_types:
        return note("An output without content.")
    named = ", ".join(media_types[:5])
    return note(f"An output of type {named} is not drawn here; {_ELSEWHERE}.")


def left_out(metadata: Any) -> str:
    """Say what the runner did not keep of an output, or nothing."""
    podbook = metadata.get("podbook") if isinstance(metadata, dict) else None
    parts = podbook.get("leftOut") if isinstance(podbook, dict) else None
    if not isinstance(parts, list):
        return ""
    return "".join(note(_part(part)) for part in parts if isinstance(part, dict))


def _part(part: dict[str, Any]) -> str:
    size, limit = part.get("size"), part.get("limit")
    sizes = f" of {size:,} characters" if isinstance(size, int) else ""
    allowed = f"; the limit is {limit:,}" if isinstance(limit, int) else ""
    kind = str(part.get("type", "something"))[:100]
    return f"{kind}{sizes} was left out here{allowed}. A file in artifacts/ may be larger."
