"""What the API itself tells a reader of an execution: how it stands, each thing once."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final

from podbook_crds.log.events import Event, EventType, written
from podbook_crds.resources.execution import Execution

_QUIET_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Item:
    """One event for a reader: a line of JSON, and the place to go on from after it."""

    line: bytes
    attempt: int = 0
    # 0 for what the API itself tells, which is in no log.
    number: int = 0

    @property
    def id(self) -> str | None:
        """What a reader sends back as Last-Event-ID."""
        return f"{self.attempt}.{self.number}" if self.number else None


# Said where nothing else was for a while, so that nobody on the way takes the stream for dead.
QUIET: Final = Item(b"")


class Standing:
    """How an execution stood when a reader was told last."""

    def __init__(self) -> None:
        self._phase: Event | None = None
        self._warned = 0
        self._spoke_at = monotonic()

    def spoke(self) -> None:
        """Take it that the reader was told something."""
        self._spoke_at = monotonic()

    def news(self, execution: Execution) -> Iterator[Item]:
        """Yield the phase where it is another, warnings that are new, or that all is quiet."""
        events = [*self._changes(execution)]
        if events:
            self.spoke()
            yield from (Item(written(event)) for event in events)
        elif monotonic() - self._spoke_at >= _QUIET_SECONDS:
            self.spoke()
            yield QUIET

    def _changes(self, execution: Execution) -> Iterator[Event]:
        if (phase := _phase(execution)) != self._phase:
            self._phase = phase
            yield phase
        warnings = execution.status.warnings
        # It has no id, being in no log: by its number, who connects again knows it again.
        for number, warning in enumerate(warnings[self._warned :], start=self._warned + 1):
            yield {"type": EventType.WARNING, "number": number, "warning": warning.to_wire()}
        self._warned = max(self._warned, len(warnings))

    def end(self, execution: Execution) -> Event:
        """Return the last event."""
        return {**_phase(execution), "type": EventType.FINISHED}


def _phase(execution: Execution) -> Event:
    status = execution.status
    reason = status.reason.value if status.reason else None
    told = {"phase": status.phase.value, "reason": reason, "message": status.message}
    return {"type": EventType.PHASE, **told}
