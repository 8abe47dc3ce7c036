"""What a run showed is read from its log whichever replicas took it in, died, and failed to store.

The runner's outbox on one side, the API's journals on the other: all that decides, without what
carries it.
"""

import asyncio
import contextlib
import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from podbook_api.artifacts.store import Store
from podbook_api.events.segments import Segments
from podbook_crds.log.replay import replay
from podbook_runner.events.outbox import Batch, Outbox
from rig.played_cells import PlayedCells
from tests.support.replicas import ATTEMPT, UID, FailingStore, Replica, asked

REPLICAS = 2
# What is printed or shown, and whether all is told again then.
SHOWN = st.tuples(st.sampled_from(["a", "🙂\n", "\r\ud83d", "chart"]), st.booleans())
# Who is asked, and what comes between: it is killed before it answers or after, answers too late
# to be heard, or a batch of long ago comes to it once more.
TURNS = st.tuples(
    st.integers(0, REPLICAS - 1), st.sampled_from(["", "", "", "killed", "unheard", "late"])
)
CHART = "x" * 70_000


def told(shown: list[tuple[str, bool]]) -> tuple[PlayedCells, bytes]:
    run = PlayedCells(1)
    run.begin()
    run.tell()
    for what, all_again in shown:
        if what == "chart":
            data = {"image/png": CHART}
            run.hear("display_data", {"data": data, "metadata": {}, "transient": {}})
        else:
            run.hear("stream", {"name": "stdout", "text": what})
        run.tell(all_again=all_again)
    return run, run.finish()


@given(
    shown=st.lists(SHOWN, max_size=8),
    turns=st.lists(TURNS, max_size=30),
    failures=st.lists(st.sampled_from(["", "", "before", "after"]), max_size=12),
    watched=st.booleans(),
)
@example(
    shown=[("a", False), ("a", True), ("a", False)],
    turns=[(0, ""), (0, ""), (0, ""), (1, "late")],
    failures=[],
    watched=False,
)
@settings(max_examples=40, deadline=None)
def test_any_way_through_replicas_leads_to_the_stored_notebook(
    shown: list[tuple[str, bool]],
    turns: list[tuple[int, str]],
    failures: list[str],
    watched: bool,
) -> None:
    run, stored = told(shown)

    read, joined = asyncio.run(_through(run.kept.batches, turns, failures, watched=watched))

    assert run.as_stored(replayed(read)) == stored
    assert run.as_stored(replayed(joined)) == stored
    # Each under its own number still: that is where a reader goes on.
    last = run.kept.batches[-1].last
    assert read[-1][0] == last
    assert [number for number, _ in joined] == list(range(last + 1 - len(joined), last + 1))
    assert joined == [line for line in read if line[0] >= joined[0][0]]


def replayed(lines: list[tuple[int, bytes]]) -> Any:
    return replay(json.loads(line) for _, line in lines)


async def _through(
    batches: list[Batch], turns: list[tuple[int, str]], failures: list[str], *, watched: bool
) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Return what a reader is shown at the end, before and after the segments are joined."""
    kept = MemoryStore()
    store = FailingStore(kept, failures)
    replicas = [Replica(store) for _ in range(REPLICAS)]
    outbox, turn, sent = Outbox(), iter(turns), list[Batch]()
    with contextlib.ExitStack() as reading:
        if watched:
            reading.enter_context(replicas[0].tails.reading(UID, ATTEMPT))
        for batch in batches:
            outbox.add(batch)
            if batch is batches[-1]:
                outbox.end()
            while (wanted := outbox.next) is not None:
                place, what = next(turn, (0, ""))
                if what == "late" and sent:
                    late = Outbox()
                    late.add(sent[0])
                    await asked(replicas[place], sent[0], late)
                sent.append(wanted)
                status, answer = await asked(replicas[place], wanted, outbox)
                if what == "killed":
                    replicas[place] = Replica(store)
                if what not in {"killed", "unheard"}:
                    with contextlib.suppress(OSError):
                        outbox.heard(status, answer)
        assert outbox.is_done
        assert not outbox.is_off
    log = Segments(Store(kept), UID, ATTEMPT)
    read = await Replica(Store(kept)).lines()
    await log.drop(await log.join())
    return read, await Replica(Store(kept)).lines()
