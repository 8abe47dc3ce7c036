"""What of a log is on its way: batches that may have to be sent again, and what an answer means.

No thread, no connection and no clock: what a batch meets is decided here, whoever brings it there.
"""

import http.client
import logging
from dataclasses import dataclass
from typing import Any, Final

_log = logging.getLogger(__name__)

# Until an intake says otherwise.
_NEXT_SECONDS: Final = 5.0
# Answers after which nothing more is told: an intake of a time before there were logs, or a run
# that nobody waits for any more.
_FOR_GOOD: Final = {http.client.NOT_FOUND, http.client.GONE, http.client.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True)
class Batch:
    """Events with the numbers from first to last, as lines of JSON."""

    first: int
    last: int
    data: bytes
    # The same with names for texts that the log has; None where there are none.
    short: bytes | None
    is_snapshot: bool
    # How many cells are to run, how many have, and the one that does: what a list of runs shows.
    cells: tuple[int, int, int | None]


class Outbox:
    """Batches that were sent or are to be sent, and are not known to be stored."""

    def __init__(self) -> None:
        self._frozen: list[Batch] = []
        self._place = 0
        # The number of the batch whose names were refused.
        self._refused = 0
        self.stored = 0
        # The run ends as soon as everything is stored: that is asked for again until it is.
        self.is_last = False
        self.is_off = False
        self.next_seconds = _NEXT_SECONDS

    def add(self, batch: Batch) -> None:
        """Take a batch in; its bytes never change."""
        self._frozen.append(batch)

    def end(self) -> None:
        """Take it that no batch follows."""
        self.is_last = True
        self._place = min(self._place, max(0, len(self._frozen) - 1))

    @property
    def next(self) -> Batch | None:
        """The batch that is to be sent now; None where none is, or for good."""
        return self._frozen[self._place] if self._place < len(self._frozen) else None

    @property
    def body(self) -> bytes:
        """The bytes to send of the batch that is next: as few as were not refused."""
        batch = self._frozen[self._place]
        return batch.data if self._is_whole(batch) else batch.short or b""

    @property
    def is_busy(self) -> bool:
        """Whether a batch is on its way."""
        return self.next is not None and not self.is_off

    @property
    def is_done(self) -> bool:
        """Whether everything is stored, or nobody wants it."""
        return self.is_off or not self._frozen

    def heard(self, status: int, answer: dict[str, Any]) -> None:
        """Take in how the batch fared that was to be sent; OSError for what to try again."""
        if status == http.client.CONFLICT and isinstance(answer.get("expected"), int):
            self._go_back(answer["expected"])
        elif status == http.client.UNPROCESSABLE_ENTITY and self._is_refused():
            # By an intake that knows no names, or before the text was stored.
            self._refused = self._frozen[self._place].first
        elif status in _FOR_GOOD:
            _log.info("the intake hears no more events: %s", status)
            self.is_off = True
        elif status >= http.client.BAD_REQUEST:
            raise OSError(f"{status} {answer}")
        else:
            self._taken(answer)

    def _is_whole(self, batch: Batch) -> bool:
        return batch.short is None or batch.first == self._refused

    def _is_refused(self) -> bool:
        return not self._is_whole(self._frozen[self._place])

    def _taken(self, answer: dict[str, Any]) -> None:
        self.stored = max(self.stored, int(answer["stored"]))
        self.next_seconds = float(answer["nextSeconds"])
        stored = sum(kept.last <= self.stored for kept in self._frozen)
        self._place = max(0, self._place + 1 - stored)
        self._frozen = self._frozen[stored:]
        if self.is_last and self._place >= len(self._frozen):
            self._place = max(0, len(self._frozen) - 1)  # Not stored yet: it is asked for again.

    def _go_back(self, expected: int) -> None:
        """Another process answers, which lacks what the last one had not stored yet."""
        for place, kept in enumerate(self._frozen):
            if kept.last >= expected:
                self._place = place
                return
        _log.error("the intake asks for event %s, which is not kept any more", expected)
        self.is_off = True
