"""How long to wait before the next try at a Kubernetes API that did not answer."""

from collections.abc import Iterator
from typing import Final

# Short at first: an API server that was restarted is back within a second.
_FIRST_SECONDS: Final = 0.05
_FACTOR: Final = 2.0
_LONGEST_SECONDS: Final = 2.0


def pauses() -> Iterator[float]:
    """Yield seconds to wait: 0.05, 0.1, 0.2, … and 2 from then on, without an end."""
    seconds = _FIRST_SECONDS
    while True:
        yield seconds
        seconds = min(seconds * _FACTOR, _LONGEST_SECONDS)
