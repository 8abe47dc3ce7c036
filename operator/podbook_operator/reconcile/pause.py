"""Pauses new pods while pods cannot reach the intake: each would cost an attempt for nothing."""

from datetime import datetime, timedelta
from typing import Final

FAILURES: Final = 3


class Admission:
    """Counts the attempts in a row whose runner could not claim for want of the intake."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._failed_at: datetime | None = None
        self._paused_until: datetime | None = None

    def could_not_reach_intake(self, now: datetime, *, pause_seconds: float) -> None:
        """One more attempt ended that way. After the pause a single failure pauses again."""
        self._in_a_row += 1
        self._failed_at = now
        if self._in_a_row >= FAILURES:
            self._paused_until = now + timedelta(seconds=pause_seconds)

    def was_claimed(self, at: datetime) -> None:
        """The intake worked at that moment, which says nothing where an attempt failed later."""
        if self._failed_at is not None and at <= self._failed_at:
            return
        self._in_a_row = 0
        self._paused_until = None

    def paused_until(self, now: datetime) -> datetime | None:
        """Return when new pods may be made again, None where they may now."""
        if self._paused_until is None or now >= self._paused_until:
            return None
        return self._paused_until
