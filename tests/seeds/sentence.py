"""A row of a seed's table: one sentence and the tests that prove it."""

from dataclasses import dataclass
from typing import Final

TESTS: Final = "tests/"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a seed says, by the words that it begins with, and the tests that fail if it is untrue.

    tests are node ids below tests/. A sentence that claims nothing of a program has none, but says
    in prose why.
    """

    words: str
    tests: tuple[str, ...] = ()
    prose: str = ""


def proved(words: str, *tests: str) -> Sentence:
    """Return the row of a sentence that tests prove."""
    return Sentence(words, tests=tests)


def prose(words: str, why: str) -> Sentence:
    """Return the row of a sentence that claims nothing that a program could do or fail to do."""
    return Sentence(words, prose=why)
