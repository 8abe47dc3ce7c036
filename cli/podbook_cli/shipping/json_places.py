"""Finds where a value stands in the text of a JSON document, so that it alone can be changed."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_BLANKS: Final = re.compile(r"\s*")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Span:
    """From its first character to the one after its last."""

    start: int
    end: int


def span_of(text: str, path: Sequence[str | int]) -> Span | None:
    """Return where the value at the path stands; None where there is none. The text is JSON."""
    start = _after_blanks(text, 0)
    for step in path:
        found = [at for key, at in _members(text, start) if key == step]
        if not found:
            return None
        start = found[0]
    return Span(start, _end(text, start))


def _members(text: str, start: int) -> Iterator[tuple[str | int, int]]:
    """Yield what an object or array holds: its key or index, and where its value begins."""
    is_object, index = text[start] == "{", 0
    if text[start] not in "{[":
        return
    at = _after_blanks(text, start + 1)
    while text[at] not in "}]":
        key: str | int = index
        if is_object:
            key, end = _DECODER.raw_decode(text, at)
            at = _after_blanks(text, _after_blanks(text, end) + 1)
        yield key, at
        at = _after_blanks(text, _end(text, at))
        at = _after_blanks(text, at + 1) if text[at] == "," else at
        index += 1


def _end(text: str, start: int) -> int:
    return _DECODER.raw_decode(text, start)[1]


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
