"""How long the runner waits between two tries at an intake that does not answer."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Final

from podbook_crds.backoff import pause

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0

# Asked before every try for the time of `time.monotonic` after which no further one is worth it:
# a run that is stopped from outside has less of it left than it had before.
Until = Callable[[], float]


def tries(until: Until) -> Iterator[int]:
    """Yield the number of each try, from 0, pausing longer and longer between them.

    Pauses are jittered, so that the pods of an intake that comes back do not ask all at once.
    """
    number = 0
    while True:
        yield number
        number += 1
        longest = pause(number, first=FIRST_PAUSE_SECONDS, longest=LONGEST_PAUSE_SECONDS)
        seconds = longest * random.uniform(0.5, 1.0)
        if time.monotonic() + seconds >= until():
            return
        time.sleep(seconds)
