"""A chart that the log has is named when all is told again, and read as if it had been sent."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest
from obstore.store import MemoryStore

from podbook_api.artifacts.store import Store
from podbook_api.events.segments import Segment
from podbook_api.intake import events
from podbook_crds.log.references import LEAST
from podbook_crds.log.replay import replay
from podbook_runner.events.outbox import Batch, Outbox
from rig.played_cells import PlayedCells
from tests.support.replicas import Replica, asked

CHART = "iVBORw0" * 20_000
DIGEST = sha256(json.dumps(CHART).encode()).hexdigest()


def charted() -> tuple[PlayedCells, list[Batch]]:
    """Return a run that shows a chart, and tells all again when it prints something."""
    run = PlayedCells(1)
    run.begin()
    run.tell()
    data = {"image/png": CHART}
    run.hear("display_data", {"data": data, "metadata": {}, "transient": {}})
    run.tell()
    run.hear("stream", {"name": "stdout", "text": "more"})
    run.tell(all_again=True)
    return run, run.kept.batches


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_what_is_named_is_read_whole_at_any_replica(elsewhere: bool) -> None:
    store = Store(MemoryStore())
    replicas = [Replica(store), Replica(store)]
    run, batches = charted()
    outbox, sent = Outbox(), []
    for batch in batches:
        outbox.add(batch)
        sent.append(len(outbox.body))
        status, answer = await asked(replicas[elsewhere and batch.is_snapshot], batch, outbox)
        assert status == 200
        outbox.heard(status, answer)

    assert [size > LEAST for size in sent] == [False, True, False]
    lines = await Replica(store).lines()
    assert b"".join(line for _, line in lines) == batches[-1].data
    told = replay(json.loads(line) for _, line in lines)
    assert told is not None
    assert told["cells"][0]["outputs"] == run.notebook.cells[0].outputs


async def test_what_is_named_and_not_there_is_sent_whole() -> None:
    """By an intake that knows no names it is refused in the same way."""
    _, batches = charted()
    outbox, replica = Outbox(), Replica(Store(MemoryStore()))
    await replica.take(Segment(1, tuple(batches[0].data.splitlines(keepends=True))))
    outbox.stored = batches[-1].first - 1
    outbox.add(batches[-1])

    status, answer = await asked(replica, batches[-1], outbox)
    outbox.heard(status, answer)

    assert (status, outbox.is_off) == (422, False)
    assert outbox.body == batches[-1].data
    status, answer = await asked(replica, batches[-1], outbox)
    outbox.heard(status, answer)
    assert (status, outbox.is_done) == (200, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a":\0%s\0}\n' % (b"0" * 64), "has no text 000"),
        (b'{"a":\0%s\0}\n' % (b"0" * 63), "events are lines"),
        (b"\0" * 5000, "at most 1000 names"),
        (b'{"a":[%s]}\n' % b",".join([b"\0%s\0" % DIGEST.encode()] * 900), "at most 1000000 bytes"),
    ],
)
def test_names_that_lead_to_nothing_or_too_much_are_refused(
    body: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BYTES", 1_000_000)

    async def taken() -> Any:
        replica, outbox = Replica(Store(MemoryStore())), Outbox()
        _, batches = charted()
        for batch in batches[:2]:
            outbox.add(batch)
            outbox.heard(*await asked(replica, batch, outbox))
        batch = Batch(batches[1].last + 1, batches[1].last + 1, body, None, False, (1, 0, 0))
        outbox.add(batch)
        return await asked(replica, batch, outbox)

    status, answer = asyncio.run(taken())

    assert status == 422
    assert said in answer["detail"]
