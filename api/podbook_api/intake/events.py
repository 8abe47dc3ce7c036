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
from podbook_crds.log.references import referred, whole
from podbook_crds.protocol.intake import EventsTaken, Progress

# Bytes of a batch, with the texts that it names put back.
BYTES: Final = 128 * 1024 * 1024
# Names for texts in one batch.
NAMES: Final = 1000
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

    async def take(self, caller: Caller, query: Mapping[str, str], body: bytes) -> EventsTaken:
        """Keep a batch; raises Gone unless the caller's attempt is the one that runs, and Gap.

        One that names texts which are not in the log is Problem 422, as by an API that knows no
        names: it is sent with the texts then.
        """
        await self._view.claimed(caller)
        if digests := _names_in(body):
            log = self._journals.log(caller.execution_uid, caller.attempt)
            body = _whole(body, digests, await log.large_texts(set(digests)))
        batch = await batch_of(query, body)
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


def _names_in(body: bytes) -> list[str]:
    """Return the digests that stand for texts; raise Problem 422 for more than a run has."""
    # A split ends early, a search for names would go through all that was sent.
    if len(body.split(b"\0", 2 * NAMES + 1)) > 2 * NAMES + 1:
        raise _refused(f"a batch has at most {NAMES} names for texts")
    return referred(body)


def _whole(body: bytes, digests: list[str], texts: Mapping[str, bytes]) -> bytes:
    if missing := [digest for digest in digests if digest not in texts]:
        raise _refused(f"this log has no text {missing[0]}")
    if len(body) + sum(len(texts[digest]) for digest in digests) > BYTES:
        raise _refused(f"a batch has at most {BYTES} bytes, with the texts that it names")
    return whole(body, texts)


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
