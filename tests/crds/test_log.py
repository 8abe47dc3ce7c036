"""Whatever a notebook shows is told so that its replay shows the same, whenever it is looked at."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from podbook_crds.log.differences import Told, differences, splice
from podbook_crds.log.events import cell_finished, cell_started, metadata_changed, planned, written
from podbook_crds.log.from_notebook import events_of
from podbook_crds.log.replay import Replay, replay

# Emoji and lone surrogates among them: offsets are code points, and JSON has to hold them.
TEXTS = st.text(st.sampled_from("ab\n\r🙂é\ud83d"), max_size=12)
CELLS = 3


def notebook() -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}
        for _ in range(CELLS)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Shown(RuleBasedStateMachine):
    """A notebook whose outputs change in every way that a run has, and what is told of it."""

    def __init__(self) -> None:
        super().__init__()
        self.notebook = notebook()
        self.replay = Replay()
        self.told: dict[int, list[Told]] = {cell: [] for cell in range(CELLS)}
        self.lines = [written(planned(deepcopy(self.notebook), list(range(CELLS))))]
        self.settled = False

    def outputs(self, cell: int) -> list[Any]:
        outputs: list[Any] = self.notebook["cells"][cell]["outputs"]
        return outputs

    @rule(cell=st.integers(0, CELLS - 1))
    def begin(self, cell: int) -> None:
        self.notebook["cells"][cell]["outputs"] = []
        self.told[cell] = []
        self.lines.append(written(cell_started(cell)))

    @rule(cell=st.integers(0, CELLS - 1), text=TEXTS, place=st.integers(0, 4))
    def stream(self, cell: int, text: str, place: int) -> None:
        output = {"output_type": "stream", "name": "stdout", "text": text}
        self.outputs(cell).insert(place, output)
        self.settled = False

    @rule(cell=st.integers(0, CELLS - 1), text=TEXTS)
    def print(self, cell: int, text: str) -> None:
        for output in self.outputs(cell):
            if output["output_type"] == "stream":
                output["text"] = output["text"][: len(output["text"]) // 2] + text
        self.settled = False

    @rule(cell=st.integers(0, CELLS - 1), text=TEXTS, place=st.integers(0, 4))
    def display(self, cell: int, text: str, place: int) -> None:
        data = {"text/plain": text}
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        self.outputs(cell).insert(place, output)
        self.settled = False

    @rule(cell=st.integers(0, CELLS - 1), text=TEXTS)
    def update(self, cell: int, text: str) -> None:
        for output in self.outputs(cell):
            if output["output_type"] == "display_data":
                output["data"] = {"text/plain": text}
        self.settled = False

    @rule(cell=st.integers(0, CELLS - 1), place=st.integers(0, 4))
    def drop(self, cell: int, place: int) -> None:
        del self.outputs(cell)[place : place + 1]
        self.settled = False

    @rule(cell=st.integers(0, CELLS - 1))
    def clear(self, cell: int) -> None:
        self.outputs(cell).clear()
        self.settled = False

    @rule()
    def tell(self) -> None:
        for cell, told in self.told.items():
            events, self.told[cell] = differences(cell, told, self.outputs(cell))
            self.lines += map(written, events)
        self.settled = True

    @rule()
    @precondition(lambda self: self.settled)
    def snapshot(self) -> None:
        self.lines = [written(planned(self.notebook, list(range(CELLS))))]

    @invariant()
    def the_replay_shows_what_was_there_when_it_was_told(self) -> None:
        if self.settled:
            replayed = replay(json.loads(line) for line in self.lines)
            assert replayed == self.notebook


TestShown = Shown.TestCase
TestShown.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


@given(before=TEXTS, after=TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_splice_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    at, remove, text = splice(before, after)

    assert before[:at] + text + before[at + remove :] == after
    assert not (remove and text) or (before[at] != text[0])


def test_nothing_is_told_of_what_did_not_change() -> None:
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": "stdout", "text": "a"},
        {"output_type": "display_data", "data": {"text/plain": "b"}, "metadata": {}},
    ]
    _, told = differences(0, [], outputs)
    outputs[0]["text"] = "".join(["a"])

    assert differences(0, told, outputs)[0] == []


def test_text_that_grew_costs_what_was_added() -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}]
    _, told = differences(0, [], outputs)
    outputs[0]["text"] += "more"

    events, _ = differences(0, told, outputs)

    assert [len(written(event)) < 200 for event in events] == [True]


def test_a_reader_knows_the_cell_that_runs_and_how_each_ended() -> None:
    told = Replay()
    events = [
        planned(notebook(), [0, 1]),
        cell_started(0),
        cell_finished(0, status="ok", seconds=1.25, count=1),
        cell_started(1),
        metadata_changed({"widgets": {}}),
    ]
    for event in json.loads(json.dumps(events)):
        told.take(event)

    assert (told.running, told.finished) == (1, {0: ("ok", 1.25)})
    assert told.notebook is not None
    assert told.notebook["cells"][0]["execution_count"] == 1
    assert told.notebook["metadata"] == {"widgets": {}}


def test_an_event_of_a_newer_writer_is_passed_over() -> None:
    told = Replay()
    told.take({"type": "cell.started", "cell": 0})
    told.take(planned(notebook(), [0]))
    told.take({"type": "of.the.future", "cell": 99})

    assert told.notebook == notebook()


def test_a_run_without_a_log_is_told_from_its_notebook() -> None:
    executed = notebook()
    executed["cells"][0]["metadata"] = {"papermill": {"status": "completed", "duration": 0.5}}
    executed["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}
    ]
    executed["cells"][0]["metadata"]["papermill"]["status"] = "failed"
    # Cells that it would have come to, and two that do not run in any case.
    for cell in executed["cells"][1:]:
        cell["metadata"] = {"papermill": {"status": "pending"}}
    executed["cells"] += [{**executed["cells"][1], "source": " \n"}]
    executed["cells"] += [{**executed["cells"][1], "metadata": {"tags": ["skip-execution"]}}]
    told = Replay()
    for event in events_of(executed):
        told.take(event)

    assert told.outputs(0) == [{"output_type": "stream", "name": "stdout", "text": "a\nb"}]
    assert (told.to_run, told.finished) == ([0, 1, 2], {0: ("error", 0.5)})
