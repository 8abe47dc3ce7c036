"""Narrows a list of executions down by what has no order of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import dropwhile, takewhile

from podbook_api.state.execution_index import Line
from podbook_crds.ends.reasons import EXPLANATIONS, Fault, Reason
from podbook_crds.resources.model import micro_time


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the executions of a list have in common; None is anything. Times as a line has them."""

    prefix: str | None = None
    folder: str | None = None
    reason: str | None = None
    fault: Fault | None = None
    created_by: str | None = None
    surface: str | None = None
    since: str | None = None
    until: str | None = None

    def among(self, lines: Iterator[Line]) -> Iterator[Line]:
        """Yield those of the lines, which come newest first."""
        until, since = self.until, self.since
        if until is not None:
            lines = dropwhile(lambda line: line.submitted_at >= until, lines)
        if since is not None:
            lines = takewhile(lambda line: line.submitted_at >= since, lines)
        return filter(self._fits, lines)

    def among_oldest_first(self, lines: Iterator[Line]) -> Iterator[Line]:
        """Yield those of the lines, which come oldest first."""
        until, since = self.until, self.since
        if since is not None:
            lines = dropwhile(lambda line: line.submitted_at < since, lines)
        if until is not None:
            lines = takewhile(lambda line: line.submitted_at < until, lines)
        return filter(self._fits, lines)

    def _fits(self, line: Line) -> bool:
        return (
            (self.prefix is None or line.name.startswith(self.prefix))
            and (self.folder is None or (line.notebook_id or "").startswith(f"{self.folder}/"))
            and self.reason in (None, line.reason)
            and self.created_by in (None, line.created_by)
            and self.surface in (None, line.surface)
            and self.fault in (None, _fault(line.reason))
        )


def _fault(reason: str | None) -> Fault | None:
    try:
        return None if reason is None else EXPLANATIONS[Reason(reason)].fault
    except ValueError:
        return None  # Of a newer part.


def submitted(moment: datetime | None) -> str | None:
    """Return the moment as a line has it; without an offset it is taken for UTC."""
    if moment is None:
        return None
    try:
        return micro_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except OverflowError:  # its offset leads out of the years that a date can have
        return micro_time(moment.replace(tzinfo=UTC))
