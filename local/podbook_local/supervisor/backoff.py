"""How long to wait before a process that ended is started again."""

from typing import Final

from podbook_crds.backoff import pause

FIRST_SECONDS: Final = 0.1
LONGEST_SECONDS: Final = 10.0
# A process that lived this long was well: its next end counts as a first one.
WELL_SECONDS: Final = 10.0


def wait_seconds(ends_in_a_row: int) -> float:
    """Return the pause after the n-th end in a row, n from 1: doubling, up to 10 s."""
    return pause(ends_in_a_row, first=FIRST_SECONDS, longest=LONGEST_SECONDS)
