"""How long to wait before the next try: a pause that grows from a first one to a longest."""

from collections.abc import Iterator
from itertools import count
from typing import Final

# What fails for days is tried thousands of times, and 2 ** 1100 is no float any more.
_STEPS: Final = 64


def pause(tries: int, *, first: float, longest: float, factor: float = 2.0) -> float:
    """Return the seconds to wait after so many tries in a row that failed, from 1."""
    return float(min(longest, first * factor ** min(tries - 1, _STEPS)))


def pauses(*, first: float, longest: float) -> Iterator[float]:
    """Yield the pauses after the first try that failed, the second, … without an end."""
    return (pause(tries, first=first, longest=longest) for tries in count(1))
