"""What the API itself tells a reader of an execution: how it stands, each thing once."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final

from podbook_crds.log.events import Event, EventType, written
from podbook_crds.resources.execution import Execution

_QUIET_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where somebody has read; all 0 before everything."""

    attempt: int = 0
    number: int = 0
    # Warnings are in no log: they are the execution's, whichever attempt they came of.
    warnings: int = 0

    def __str__(self) -> str:
        """Return it as a reader sends it back: `1.42`, or `1.42.2` after two warnings."""
        read = f"{self.attempt}.{self.number}"
        return f"{read}.{self.warnings}" if self.warnings else read


@dataclass(frozen=True, slots=True)
class Item:
    """One event for a reader: a line of JSON, and the place to go on from after it."""

    line: bytes
    # None for what every reader is told who connects: how it stands now.
    place: Place | None = None

    @property
    def id(self) -> str | None:
        """What a reader sends back as Last-Event-ID."""
        return None if self.place is None else str(self.place)


# Said where nothing else was for a while, so that nobody on the way takes the stream for dead.
QUIET: Final = Item(b"")


class Standing:
    """How an execution stood when a reader was told last."""

    def __init__(self, after: Place) -> None:
        self._phase: Event | None = None
        self._warned = after.warnings
        self._spoke_at = monotonic()

    def told(self, line: bytes, attempt: int, number: int) -> Item:
        """Return a line of a log for the reader."""
        self._spoke_at = monotonic()
        return Item(line, Place(attempt, number, self._warned))

    def news(self, execution: Execution, read: Place) -> Iterator[Item]:
        """Yield the phase where it is another, warnings that are new, or that all is quiet.

        read is up to where the reader knows the log.
        """
        items = [*self._changes(execution, read)]
        if items:
            self._spoke_at = monotonic()
            yield from items
        elif monotonic() - self._spoke_at >= _QUIET_SECONDS:
            self._spoke_at = monotonic()
            yield QUIET

    def _changes(self, execution: Execution, read: Place) -> Iterator[Item]:
        if (phase := _phase(execution)) != self._phase:
            self._phase = phase
            yield Item(written(phase))
        elif len(execution.status.warnings) <= self._warned:
            return
        # Those of the call first, as at the end: none changes its place, and more may follow.
        for warning in execution.warnings[self._warned :]:
            self._warned += 1
            event = {
                "type": EventType.WARNING,
                "number": self._warned,
                "warning": warning.to_wire(),
            }
            yield Item(written(event), Place(read.attempt, read.number, self._warned))

    def end(self, execution: Execution) -> Event:
        """Return the last event."""
        return {**_phase(execution), "type": EventType.FINISHED}


def _phase(execution: Execution) -> Event:
    status = execution.status
    reason = status.reason.value if status.reason else None
    told = {"phase": status.phase.value, "reason": reason, "message": status.message}
    return {"type": EventType.PHASE, **told}
