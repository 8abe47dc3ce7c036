"""Takes in what a run tells of itself: batches of numbered events, of the attempt that runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from podbook_api.artifacts.progress import ProgressBoard
from podbook_api.events import lines
from podbook_api.events.journals import Journals
from podbook_api.events.segments import Segment
from podbook_api.http.problems import Problem
from podbook_api.intake.identity import Caller
from podbook_api.intake.view import View
from podbook_crds.protocol.intake import EventsTaken, Progress

# Of one batch: a runner tells a few for each cell that changed, and what they come to in one.
LIMIT: Final = 100_000

_NO_EVENTS: Final = "events are lines of ASCII JSON, numbered from 1 on"


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in their order; stored is up to where the runner knows them stored."""

    events: Segment
    stored: int
    is_snapshot: bool
    is_last: bool
    # None of a runner that tells it apart from its events, as those before did.
    progress: Progress | None = None


class Tellers:
    """The runs that tell."""

    def __init__(self, journals: Journals, view: View, board: ProgressBoard) -> None:
        self._journals = journals
        self._view = view
        self._board = board

    async def take(self, caller: Caller, batch: Batch) -> EventsTaken:
        """Keep a batch; raises Gone unless the caller's attempt is the one that runs, and Gap."""
        await self._view.claimed(caller)
        taken = await self._journals.take(
            caller.execution_uid,
            caller.attempt,
            batch.events,
            stored=batch.stored,
            snapshot=batch.is_snapshot,
            last=batch.is_last,
        )
        # What the result says follows at once.
        if batch.progress is not None and not batch.is_last:
            self._board.hear(caller.execution_uid, caller.attempt, batch.progress)
        return taken


async def batch_of(query: Mapping[str, str], body: bytes) -> Batch:
    """Return the batch of a request; raise Problem 422 for what is none."""
    first, stored = _number(query, "first"), _number(query, "stored")
    if first < 1:
        raise _refused(_NO_EVENTS)
    events = Segment(first, tuple(await _events(body)))
    is_snapshot, is_last = query.get("snapshot") == "true", query.get("last") == "true"
    return Batch(events, stored, is_snapshot, is_last, _progress(query))


async def _events(body: bytes) -> list[bytes]:
    found: list[bytes] = []
    async for piece, told in lines.pieces(body):
        # A reader's stream is lines as well: nothing may end one but its own newline. A NUL is how
        # the store tells the name of a large text from the text itself.
        is_text = piece.isascii() and b"\0" not in piece
        if not is_text or not all(line.endswith(b"}\n") for line in told):
            raise _refused(_NO_EVENTS)
        found += told
        if len(found) > LIMIT:
            raise _refused(f"a batch has at most {LIMIT} events")
    return found


def _refused(why: str) -> Problem:
    return Problem(422, "invalid-events", "The events do not fit", why)


def _progress(query: Mapping[str, str]) -> Progress | None:
    if "total" not in query:
        return None
    cell = _number(query, "cell") if "cell" in query else None
    return Progress(
        cells_total=_number(query, "total"), cells_completed=_number(query, "completed"), cell=cell
    )


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "0")
    return int(text) if text.isdecimal() and len(text) <= 12 else 0  # noqa: PLR2004
