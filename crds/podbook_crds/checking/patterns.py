"""Tells how many steps a search for a pattern can take at most, for the plain ones among them.

Python's `re` goes back over every way in which a pattern could match so far. Here the ways are
counted before anything is searched; what this reader does not know counts as boundless.
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

# Takes the length of the text; returns how many ways there are to match from one place in it.
Ways = Callable[[int], float]

# A longer one is none that people read.
_LONGEST: Final = 500
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\[^\n]|[^\]\\\n])*\]")
_ESCAPE: Final = re.compile(r"\\(?:[dDsSwWbB]|[^\w\n])")
_COUNT: Final = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}")
_OPEN: Final = re.compile(r"\((?:\?:)?(?!\?)")


class _Unknown(Exception):
    """The pattern has something that this reader does not know."""


@lru_cache(maxsize=1024)
def steps(pattern: str, length: int) -> float:
    """Return how many steps a search in a text of that length takes at most; may be infinite."""
    if len(pattern) > _LONGEST:
        return math.inf
    try:
        rest, ways = _choice(pattern)
        is_one = not _sequence(pattern)[0]
    except (_Unknown, RecursionError):
        return math.inf
    if rest:
        return math.inf
    starts = 1 if is_one and pattern.startswith("^") else length + 1
    # Each way may be gone to the end of the text, and is begun in each part of the pattern.
    return starts * ways(length) * (length + len(pattern))


def _choice(text: str) -> tuple[str, Ways]:
    found: list[Ways] = []
    while True:
        text, ways = _sequence(text)
        found.append(ways)
        if not text.startswith("|"):
            return text, lambda n: sum(ways(n) for ways in found)
        text = text[1:]


def _sequence(text: str) -> tuple[str, Ways]:
    found: list[Ways] = []
    while text and text[0] not in "|)":
        text, ways = _atom(text)
        text, ways = _repeated(text, ways)
        found.append(ways)
    return text, lambda n: math.prod(ways(n) for ways in found)


def _atom(text: str) -> tuple[str, Ways]:
    if match := _OPEN.match(text):
        rest, ways = _choice(text[match.end() :])
        if not rest.startswith(")"):
            raise _Unknown
        return rest[1:], ways
    for one in (_CLASS, _ESCAPE):
        if match := one.match(text):
            return text[match.end() :], _once
    if text[0] in "[\\(?*+{":
        raise _Unknown
    return text[1:], _once


def _repeated(text: str, ways: Ways) -> tuple[str, Ways]:
    least, most, length = _bounds(text)
    if not length:
        return text, ways
    text = text[length:]
    if text[:1] in ("?", "+"):  # Taking as little as possible, or without going back: no worse.
        text = text[1:]
    if _bounds(text)[2]:
        raise _Unknown
    return text, lambda n: _ways_of_repeats(ways(n), least, min(most, n))


def _bounds(text: str) -> tuple[int, float, int]:
    """Return the fewest and the most repeats, and the length of the sign; 0 where there is none."""
    plain = {"*": (0, math.inf), "+": (1, math.inf), "?": (0, 1)}
    if text[:1] in plain:
        return *plain[text[0]], 1
    match = _COUNT.match(text)
    if match is None:
        return 1, 1, 0
    least = int(match[1])
    most = least if not match[2] else int(match[3]) if match[3] else math.inf
    return least, most, match.end()


def _ways_of_repeats(ways: float, least: int, most: float) -> float:
    """With one way each, only their number is open; else the ways multiply with each repeat."""
    if ways <= 1:
        return max(most - least, 0) + 1
    try:
        return float(2 * ways**most)
    except OverflowError:
        return math.inf


def _once(_: int) -> float:
    return 1
