"""For as long as the store is away runs go on: nothing is lost, and nobody's memory grows."""

import contextlib
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from obstore.store import MemoryStore

from podbook_api.events import journals
from podbook_crds.log.replay import replay
from podbook_runner.events.outbox import Outbox
from rig.played_cells import PlayedCells
from tests.support.replicas import ATTEMPT, FailingStore, Replica, asked

KIBIBYTE = 1024
RUNS = 10
# By a clock that is moved: a minute in which each run prints, and tries again, twice a second.
TURNS, SECONDS = 120, 0.5


class Told:
    """One run of many, and what of its log is on its way."""

    def __init__(self, number: int) -> None:
        self.uid = f"run-{number}"
        self.cells, self.outbox = PlayedCells(1), Outbox()
        self.batches = 0

    def print(self, text: str) -> None:
        self.cells.hear("stream", {"name": "stdout", "text": text})
        self.cells.tell()

    async def send(self, replica: Replica) -> int:
        """Send what is to be sent once; return the status of the answer."""
        for batch in self.cells.kept.batches:
            self.outbox.add(batch)
            self.batches += 1
        self.cells.kept.batches.clear()
        self.cells.shown.clear()
        status = 200
        while status == 200 and (wanted := self.outbox.next) is not None:
            status, answer = await asked(replica, wanted, self.outbox, uid=self.uid)
            with contextlib.suppress(OSError):
                self.outbox.heard(status, answer)
        self.cells.kept.is_busy = self.outbox.is_busy
        return status


@pytest.mark.parametrize("watched", [False, True])
async def test_a_minute_without_the_store_costs_one_batch_of_each_run(
    watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr(journals, "monotonic", lambda: clock)
    store = FailingStore(MemoryStore())
    replica, runs = Replica(store), [Told(number) for number in range(RUNS)]
    with contextlib.ExitStack() as reading:
        for run in runs:
            run.cells.begin()
            if watched:
                reading.enter_context(replica.tails.reading(run.uid, ATTEMPT))
            run.print("before\n")
            assert await run.send(replica) == 200
        store.is_away = True
        held = []
        with _traced():
            for turn in range(TURNS):
                clock += SECONDS
                for run in runs:
                    run.print(f"{turn} {'x' * KIBIBYTE}\n")
                    status = await run.send(replica)
                    # What is watched is written once a second: until then it is taken in.
                    assert status == 503 or (watched and turn < 2)
                if turn in {2, TURNS - 1}:
                    held.append(_held_by_the_api())
        store.is_away = False
        # Neither did the runs keep more than a batch, and what they show.
        assert max(run.batches for run in runs) <= (3 if watched else 2)
        assert held[-1] <= held[0] + 64 * KIBIBYTE
        for run in runs:
            stored = run.cells.finish()
            run.outbox.end()
            assert await run.send(replica) == 200
            assert run.outbox.is_done
            lines = await Replica(store).lines(uid=run.uid)
            told = replay(json.loads(line) for _, line in lines)
            assert told is not None
            assert run.cells.as_stored(told) == stored
            assert f"{TURNS - 1} xxx".encode() in stored


@contextlib.contextmanager
def _traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def _held_by_the_api() -> int:
    """Return how many bytes are held that the API's code made."""
    ours = tracemalloc.Filter(inclusive=True, filename_pattern="*/podbook_api/*")
    found = tracemalloc.take_snapshot().filter_traces([ours]).statistics("filename")
    return sum(each.size for each in found)
