"""API processes and a runner's outbox, as far as batches of events pass between them."""

import http.client
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from podbook_api.artifacts.progress import ProgressBoard
from podbook_api.artifacts.store import Store
from podbook_api.events.journals import Gap, Journals
from podbook_api.events.segments import Segment
from podbook_api.events.tails import Tails
from podbook_api.http.problems import Problem
from podbook_api.intake.events import Tellers
from podbook_crds.errors import StoreUnavailable
from podbook_crds.protocol.intake import EventsTaken
from podbook_runner.events.outbox import Batch, Outbox

UID, ATTEMPT = "0b5b3e6e-0000-4000-8000-000000000000", 1


class Replica:
    """One API process, as far as it takes events in and shows them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tails = Tails(store)
        self.journals = Journals(store, self.tails)
        everybody: Any = _Claimed()
        self.tellers = Tellers(self.journals, everybody, ProgressBoard(store, _nothing))

    async def take(
        self,
        events: Segment,
        *,
        uid: str = UID,
        stored: int = 0,
        snapshot: bool = False,
        last: bool = False,
    ) -> EventsTaken:
        return await self.journals.take(
            uid, ATTEMPT, events, stored=stored, snapshot=snapshot, last=last
        )

    async def lines(self, after: int = 0, *, uid: str = UID) -> list[tuple[int, bytes]]:
        """Return what a reader who comes now is shown at once, with the numbers."""
        found: list[tuple[int, bytes]] = []
        with self.tails.reading(uid, ATTEMPT) as tail:
            while more := await tail.read((found[-1][0] if found else after) + 1, to_the_end=True):
                found += more
        return found


@dataclass
class _Claimed:
    """A run that told who it is and has claimed its attempt, whoever asks."""

    execution_uid: str = UID
    attempt: int = ATTEMPT

    async def claimed(self, _: object) -> None:
        """Let it tell."""


async def _nothing(uid: str, attempt: int) -> None:
    """Know of no progress."""


class FailingStore(Store):
    """A store that fails by a plan as it is written to: before it has done so, or after it."""

    def __init__(self, backend: Any, plan: Iterable[str] = ()) -> None:
        super().__init__(backend)
        self._plan: Iterator[str] = iter(plan)
        self.is_away = False

    async def put(self, path: str, data: Any) -> None:
        fails = self._next()
        await super().put(path, data)
        self._fail(fails)

    async def create(self, path: str, data: bytes) -> bool:
        fails = self._next()
        is_new = await super().create(path, data)
        self._fail(fails)
        return is_new

    def _next(self) -> str:
        if self.is_away or (fails := next(self._plan, "")) == "before":
            raise StoreUnavailable("503 Service Unavailable")
        return fails

    def _fail(self, fails: str) -> None:
        if fails == "after":
            raise StoreUnavailable("the answer was lost")


async def asked(
    replica: Replica, batch: Batch, outbox: Outbox, *, uid: str = UID
) -> tuple[int, dict[str, Any]]:
    """Return what a replica answers to the batch that is next, as the intake does."""
    query = {"first": str(batch.first), "stored": str(outbox.stored)}
    query |= {"snapshot": "true"} if batch.is_snapshot else {}
    query |= {"last": "true"} if outbox.is_last else {}
    try:
        caller: Any = _Claimed(uid)
        taken = await replica.tellers.take(caller, query, outbox.body)
    except Gap as gap:
        return http.client.CONFLICT, {"expected": gap.expected}
    except Problem as problem:
        return problem.status, {"detail": problem.detail}
    except StoreUnavailable:
        return http.client.SERVICE_UNAVAILABLE, {}
    return http.client.OK, taken.to_wire()
