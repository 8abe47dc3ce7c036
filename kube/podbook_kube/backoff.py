"""How long to wait before the next try at a Kubernetes API that did not answer."""

from collections.abc import Iterator
from typing import Final

from podbook_crds import backoff

# Short at first: an API server that was restarted is back within a second.
_FIRST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 2.0


def pauses(*, longest_seconds: float = _LONGEST_SECONDS) -> Iterator[float]:
    """Yield seconds to wait: 0.05, 0.1, 0.2, … and the longest from then on, without an end."""
    return backoff.pauses(first=_FIRST_SECONDS, longest=longest_seconds)
