"""Every replica shows how far a run is, whichever of them the runner told."""

from pathlib import Path

import pytest

from podbook_api.artifacts.progress import ProgressBoard
from podbook_api.artifacts.store import Store
from podbook_api.events.journals import Journals
from podbook_api.events.tails import Tails
from podbook_api.intake.events import Tellers
from podbook_api.intake.reached import Reached
from podbook_crds.errors import ClusterUnavailable
from podbook_crds.log import events
from podbook_crds.log.events import written as written_line
from podbook_crds.protocol.intake import Progress


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def at(completed: int) -> Progress:
    return Progress(cells_total=9, cells_completed=completed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def boards(tmp_path: Path, clock: Clock) -> list[ProgressBoard]:
    stores = [Store.open(f"file://{tmp_path}") for _ in range(2)]
    return [ProgressBoard(store, Reached(store).of, now=clock) for store in stores]


async def test_what_one_replica_was_told_another_shows_a_second_later_at_most(
    boards: list[ProgressBoard], clock: Clock
) -> None:
    one, other = boards
    await one.put("u", at(1))
    assert await other.get("u", 1) == at(1)
    await other.put("u", at(2))

    clock.seconds += 1

    assert await one.get("u", 1) == at(2)


async def test_what_was_told_before_is_not_written_again(
    boards: list[ProgressBoard], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    put = Store.put

    async def counted(store: Store, path: str, data: bytes) -> None:
        written.append(path)
        await put(store, path, data)

    monkeypatch.setattr(Store, "put", counted)
    for completed in (1, 1, 2, 2, 2):
        await boards[0].put("u", at(completed))

    assert len(written) == 2


async def test_a_store_that_is_away_hides_nothing_that_is_known(
    boards: list[ProgressBoard], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bytes:
        raise ClusterUnavailable("the store does not answer")

    await boards[0].put("u", at(3))
    clock.seconds += 60
    monkeypatch.setattr(Store, "get", away)

    assert await boards[0].get("u", 1) == at(3)
    assert await boards[1].get("u", 1) is None


async def test_what_cannot_be_read_is_no_progress(
    boards: list[ProgressBoard], tmp_path: Path
) -> None:
    folder = tmp_path / "executions" / "u"
    folder.mkdir(parents=True)
    (folder / "progress.json").write_text("{")

    assert await boards[0].get("u", 1) is None
    assert await boards[0].get("nobody", 1) is None


async def test_a_run_that_nobody_follows_costs_one_write_for_each_batch(
    boards: list[ProgressBoard], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And five seconds lie between two batches: cells that end cost no write of their own."""
    written: list[str] = []

    async def put(_: object, path: str, data: bytes, **__: object) -> None:
        written.append(path)
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)

    monkeypatch.setattr("podbook_api.artifacts.store.obstore.put_async", put)
    store = Store.open(f"file://{tmp_path}")
    journals = Journals(store, Tails(store))
    tellers = Tellers(journals, Claimed(), boards[0])  # type: ignore[arg-type]
    plan = events.planned({"cells": [{"source": ',"toRun":'}]}, list(range(9)))
    first, wanted = 1, []
    for done in range(6):
        ends = [events.cell_finished(n, status="ok", seconds=1, count=1) for n in range(done)]
        more = [events.cell_started(done), *ends[-1:]]
        if done % 3 == 0:  # A snapshot, which the others begin from.
            over = dict.fromkeys(range(done), ("ok", 1.0))
            more = [events.planned(plan["notebook"], plan["toRun"], running=done, finished=over)]
        said = {"first": first, "stored": first - 1, "total": 9, "completed": done, "cell": done}
        query = {key: str(value) for key, value in said.items()}
        query |= {"snapshot": "true"} if done == 3 else {}
        body = b"".join(map(written_line, more))
        taken = await tellers.take(Claimed(), query, body)  # type: ignore[arg-type]
        wanted.append(taken.next_seconds)
        first += len(more)
        assert len(written) == done + 1
        clock.seconds += 1
        shown = [await board.get("u", 1) for board in boards]
        assert [(p.cells_total, p.cells_completed) for p in shown if p] == [(9, done)] * 2
    assert wanted == [5.0] * 6
    # What this replica heard and has not written yet is not taken back.
    boards[0].hear("u", 1, at(8))
    clock.seconds += 1
    assert await boards[0].get("u", 1) == at(8)


class Claimed:
    """Whoever tells has claimed the run."""

    execution_uid, attempt = "u", 1

    async def claimed(self, caller: object) -> None:
        """Let it tell."""
