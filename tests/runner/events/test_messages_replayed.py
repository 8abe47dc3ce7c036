"""Whatever a kernel says, the log of it replays to the stored notebook; cut anywhere, so far."""

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from podbook_crds.log.replay import Replay
from rig.played_cells import PlayedCells, outputs_of

CELLS = 4
BEGIN = "begin", None
# Half of a character among them, and more than one unit of UTF-16: offsets are code points.
TEXTS = st.text(st.sampled_from("ab\n\r🙂é\ud83d"), max_size=30)
IDS = st.sampled_from(["one", "two"])
PARENTS: dict[str, Any] = {"transient": {}, "metadata": {}}


def data(text: str) -> dict[str, Any]:
    return {"text/plain": text, "image/svg+xml": f"<svg>\n{text}"}


def display(kind: str, text: str, name: str | None) -> tuple[str, Any]:
    return kind, {"data": data(text), "metadata": {}, "transient": {"display_id": name}}


ODD = st.sampled_from(
    [
        ("display_data", {"data": {"text/plain": 5}, "metadata": {}}),
        ("display_data", {"data": None}),
        ("execute_result", {"data": {"image/png": {}}, "execution_count": "x"}),
        ("stream", {"name": 7, "text": None}),
        ("update_display_data", {"data": [], "transient": {"display_id": "one"}}),
        ("error", {"ename": None, "evalue": 5, "traceback": "none"}),
        ("display_data", {"data": {"application/vnd.x.json": {"a": ["\ud83d", 1]}}}),
        ("comm_msg", {"comm_id": [], "data": 5}),
        ("display_data", None),
        ("of_the_future", {}),
    ]
)
MESSAGES = st.one_of(
    st.builds(
        lambda name, text: ("stream", {"name": name, "text": text}),
        st.sampled_from(["stdout", "stderr"]),
        TEXTS,
    ),
    st.builds(display, st.just("display_data"), TEXTS, st.none() | IDS),
    st.builds(display, st.just("update_display_data"), TEXTS, IDS),
    st.builds(lambda wait: ("clear_output", {"wait": wait}), st.booleans()),
    st.builds(
        lambda text, count: (
            "execute_result",
            {"data": data(text), "metadata": {}, "execution_count": count},
        ),
        TEXTS,
        st.integers(1, 9),
    ),
    st.builds(
        lambda text: ("error", {"ename": "E", "evalue": text, "traceback": [text, "line"]}), TEXTS
    ),
    st.builds(
        lambda value: (
            "comm_open",
            {
                "comm_id": "w",
                "target_name": "jupyter.widget",
                "data": {"state": {"_model_name": "M", "value": value}, "buffer_paths": []},
            },
        ),
        st.integers(0, 3),
    ),
    ODD,
    st.just(BEGIN),
)
# What is said, or that the next cell begins; and whether it is time to tell then, and to tell all.
THEN = st.sampled_from(["", "tell", "tell", "snapshot"])
STEPS = st.lists(st.tuples(MESSAGES, THEN), max_size=40)
Steps = list[tuple[tuple[str, Any], str]]


@contextmanager
def small_limits() -> Iterator[None]:
    """Let a few characters and outputs be too many."""
    limits = "podbook_runner.cells.output_limits"
    with ExitStack() as patches:
        for place, value in {
            f"{limits}.STREAM_LIMIT": 40,
            f"{limits}.MEDIA_LIMIT": 60,
            f"{limits}.CELL_LIMIT": 400,
            f"{limits}.FIRST_OUTPUTS": 3,
            f"{limits}.LAST_OUTPUTS": 2,
        }.items():
            patches.enter_context(patch(place, value))
        yield


def played(steps: Steps) -> tuple[PlayedCells, bytes]:
    """Return cells that went through it, and the notebook that is stored of them."""
    run = PlayedCells(CELLS)
    run.begin()
    run.tell()
    for (kind, content), then in steps:
        if kind != "begin":
            run.hear(kind, content)
        elif run.are_left:
            run.begin()
        if then:
            run.tell(all_again=then == "snapshot")
    return run, run.finish()


AN_UPDATE_OF_A_CELL_THAT_ENDED = [
    (display("display_data", "a", "one"), ""),
    (BEGIN, "tell"),
    (("stream", {"name": "stdout", "text": "🙂\ud83d"}), "tell"),
    (("clear_output", {"wait": True}), "tell"),
    (display("update_display_data", "b", "one"), "snapshot"),
    (("stream", {"name": "stdout", "text": "x\r"}), "tell"),
    (("stream", {"name": "stdout", "text": "y"}), ""),
]

A_COUNT_THAT_IS_NONE_LATER = [
    (("execute_result", {"data": {}, "execution_count": 1}), "snapshot"),
    (("execute_result", {"data": {}, "execution_count": "x"}), ""),
]


@given(steps=STEPS)
@example(steps=A_COUNT_THAT_IS_NONE_LATER)
@example(steps=AN_UPDATE_OF_A_CELL_THAT_ENDED)
@settings(max_examples=150, deadline=None)
def test_a_log_replays_to_the_stored_notebook_and_cut_anywhere_to_what_was_shown(
    steps: Steps,
) -> None:
    with small_limits():
        run, stored = played(steps)

    assert all(b.last + 1 == c.first for b, c in itertools.pairwise(run.kept.batches))
    told = Replay()
    for batch, shown in zip(run.kept.batches, run.shown, strict=True):
        for line in batch.data.splitlines():
            # Also between two lines of a batch: a reader has one after the other.
            told.take(json.loads(line))
        assert told.notebook is not None
        assert outputs_of(told.notebook) == shown
    assert told.notebook is not None
    assert run.as_stored(told.notebook) == stored
    # Whoever comes now is told from the last snapshot on.
    assert run.as_stored(run.kept.replayed()) == stored
