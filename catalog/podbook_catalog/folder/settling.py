"""Knows which files may have changed once more without showing it."""

import time
from typing import Final

from podbook_catalog.folder.walk import State

# Some file systems keep whole seconds, FAT every other one.
_TICK_SECONDS: Final = 2.0
_NANOSECONDS: Final = 1e9


class Settling:
    """Files that were written a moment ago.

    They may be written again within the same tick of their file system's clock, to the same size:
    only what was read after that tick is known for good. A clock of another machine may be ahead,
    so what counts is also for how long a state has been seen here.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[State, float]] = {}

    def is_settled(self, path: str, state: State) -> bool:
        """Tell whether what is read now will be known by its state from now on."""
        if time.time() - state.modified_ns / _NANOSECONDS > _TICK_SECONDS:
            self._seen.pop(path, None)
            return True
        now = time.monotonic()
        seen, since = self._seen.get(path, (None, now))
        if seen != state:
            self._seen[path] = (state, now)
            return False
        return now - since > _TICK_SECONDS
