"""100 MB of prints through the whole log: the ends are kept, and nobody holds more than that."""

import json
import tracemalloc

from obstore.store import MemoryStore

from podbook_api.artifacts.store import LOG, Store, artifact_path
from podbook_crds.log.replay import Replay
from podbook_runner.events.outbox import Outbox
from rig.played_cells import PlayedCells
from tests.support.replicas import UID, Replica, asked

CLIPPED = "urn:podbook:warning:output-clipped"
MEBIBYTE = 1024 * 1024
MESSAGE = ("🙂é" + "x" * 97 + "\n") * 1000
MESSAGES = 1000


async def test_a_hundred_megabytes_cost_what_is_kept_of_them() -> None:
    run, outbox = PlayedCells(1), Outbox()
    store = Store(MemoryStore())
    replica, told, largest = Replica(store), Replay(), 0
    run.begin()
    tracemalloc.start()
    for number in range(MESSAGES):
        run.hear("stream", {"name": "stdout", "text": f"{number}\n{MESSAGE}"})
        if number % 50 == 0 or number == MESSAGES - 1:
            run.tell()
            await _bring(run, outbox, replica, told)
            largest = max(largest, await _size(store))
    stored = run.finish()
    await _bring(run, outbox, replica, told)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert told.notebook is not None
    assert run.as_stored(told.notebook) == stored
    (output,) = told.notebook["cells"][0]["outputs"]
    assert output["text"].startswith("0\n🙂é")
    assert "characters were left out here" in output["text"]
    assert f"{MESSAGES - 1}\n{MESSAGE}" in output["text"]
    assert [warning.type for warning in run.notes.warnings()] == [CLIPPED]
    shown = len(json.dumps(told.notebook))
    assert shown < 2 * MEBIBYTE
    assert largest < 4 * shown
    # Of runner, API, store and reader together, and of the notebook that they compare.
    assert held < 64 * MEBIBYTE


async def _bring(run: PlayedCells, outbox: Outbox, replica: Replica, told: Replay) -> None:
    """Bring what was told to the API, and what that has then to somebody who reads."""
    for batch in run.kept.batches:
        outbox.add(batch)
    run.kept.batches.clear()
    run.kept.segments.clear()
    run.shown.clear()
    while (wanted := outbox.next) is not None:
        outbox.heard(*await asked(replica, wanted, outbox))
        for number, line in await replica.lines(wanted.first - 1):
            assert wanted.first <= number <= wanted.last
            told.take(json.loads(line))


async def _size(store: Store) -> int:
    return sum([each.size async for each in store.under(artifact_path(UID, LOG))])
