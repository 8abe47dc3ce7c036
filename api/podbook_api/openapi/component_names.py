"""Names the document's components: as every generator of clients takes a name, each but once.

Generators write names in their own way, so letters and digits are all there is in one, and two that
differ in case alone would be one.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

_WORDS: Final = re.compile(r"[A-Za-z0-9]+")


class ComponentNames:
    """The names of one document."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}
        self._given: dict[tuple[str, ...], str] = {}

    def of(self, *parts: str) -> str:
        """Return the name of what these parts mean, the same whenever it is asked for."""
        if parts not in self._given:
            name = "".join(pascal(part) for part in parts)
            if not name[:1].isalpha():
                name = f"X{name}"
            if name.casefold() in self._taken:
                name += short_hash("/".join(parts))
            self._taken.add(name.casefold())
            self._given[parts] = name
        return self._given[parts]


def pascal(text: str) -> str:
    """Return the text's ASCII words as one: `sample model` is SampleModel."""
    return "".join(word[0].upper() + word[1:] for word in _WORDS.findall(text))


def short_hash(text: str) -> str:
    """Return eight digits that tell the text from others that read alike."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
