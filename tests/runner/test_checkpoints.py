"""The executed notebook is kept while it runs: soon enough, and without taking the run's time."""

import json
import sys
import threading
from itertools import pairwise
from typing import Any

import nbformat

from podbook_crds import names
from podbook_runner.cells.checkpoints import INTERVAL_SECONDS, Checkpoints
from podbook_runner.cells.notebook_text import NotebookText
from podbook_runner.cells.progress import Progress
from podbook_runner.handing_in.intake import Upload
from tests.support.fake_intake import FakeIntake
from tests.support.runner_pod import a_job, a_pod, ipynb


class Clock:
    """A clock that a test moves, and that rendering takes its time from."""

    def __init__(self, rendering_seconds: float = 0.0) -> None:
        self.time = 0.0
        self.rendered_at: list[float] = []
        self._rendering_seconds = rendering_seconds

    def now(self) -> float:
        return self.time

    def render(self) -> bytes:
        self.rendered_at.append(self.time)
        self.time += self._rendering_seconds
        return b"{}"

    def run(self, checkpoints: Checkpoints, *, seconds: float, step: float = 1.0) -> None:
        while self.time < seconds:
            checkpoints.take_if_due()
            checkpoints.wait(5)
            self.time += step


def test_a_checkpoint_is_at_most_ten_seconds_old() -> None:
    clock, sent = Clock(), list[Upload]()
    clock.run(Checkpoints(clock.render, sent.append, now=clock.now), seconds=100)

    assert len(sent) == len(clock.rendered_at) == 9
    assert all(
        later - earlier <= INTERVAL_SECONDS for earlier, later in pairwise(clock.rendered_at)
    )
    assert sent[0].name == names.NOTEBOOK_ARTIFACT


def test_checkpoints_that_take_long_are_taken_less_often() -> None:
    clock = Clock(rendering_seconds=1.0)
    clock.run(Checkpoints(clock.render, lambda _: None, now=clock.now), seconds=1000)

    assert len(clock.rendered_at) * 1.0 <= 1000 * 0.02


def test_a_short_run_takes_none() -> None:
    clock = Clock()
    clock.run(Checkpoints(clock.render, lambda _: None, now=clock.now), seconds=10)

    assert clock.rendered_at == []


def test_a_store_that_hangs_holds_no_cell_up_and_gets_one_checkpoint_at_a_time() -> None:
    clock, hangs, arrived = Clock(), threading.Event(), list[Upload]()

    def send(upload: Upload) -> None:
        arrived.append(upload)
        assert hangs.wait(30)

    checkpoints = Checkpoints(clock.render, send, now=clock.now)
    for _ in range(5):
        clock.time += INTERVAL_SECONDS
        checkpoints.take_if_due()
    hangs.set()
    checkpoints.wait(30)

    assert len(arrived) == len(clock.rendered_at) == 1


def a_notebook() -> Any:
    cells = [nbformat.v4.new_code_cell(f"x = {n}\ny") for n in range(3)]
    cells[0].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a\nb \ud800\n"),
        nbformat.v4.new_output(
            "display_data", data={"text/html": "<p>\n</p>", "image/png": "eA=="}
        ),
    ]
    return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell("# é")])


def test_the_text_is_the_notebook() -> None:
    notebook = a_notebook()
    text = NotebookText(notebook)
    text.finish(0)

    assert nbformat.reads(text.render().decode(), 4) == notebook
    assert json.loads(text.render())["cells"][0]["source"] == ["x = 0\n", "y"]


def test_a_finished_cell_that_changed_is_written_anew() -> None:
    notebook = a_notebook()
    text = NotebookText(notebook)
    text.finish(0)
    notebook.cells[0].source = "changed"

    assert "changed" not in text.render().decode()
    text.reopen(0)
    assert "changed" in text.render().decode()


def test_progress_is_told_by_the_latest_news(monkeypatch: Any) -> None:
    monkeypatch.setattr("podbook_runner.cells.progress.INTERVAL_SECONDS", 0.01)
    told, arrived = list[tuple[int, int, int | None]](), threading.Event()

    class Intake:
        def progress(self, *, total: int, completed: int, cell: int | None) -> None:
            told.append((total, completed, cell))
            arrived.set()
            raise ConnectionRefusedError

    progress = Progress(Intake())  # type: ignore[arg-type]
    for completed in range(3):
        progress(3, completed, completed)
    assert arrived.wait(30)
    arrived.clear()
    progress(3, 3, None)
    assert arrived.wait(30)
    progress.end()

    assert told[-1] == (3, 3, None)


def test_a_slow_checkpoint_does_not_overtake_the_finished_notebook() -> None:
    """A checkpoint after every message, of which the first is stored late."""
    often = "from podbook_runner import __main__, checkpoints\ncheckpoints.INTERVAL_SECONDS = 0\n"
    runner = (sys.executable, "-c", f"{often}__main__.main()")
    intake = FakeIntake(overtaken="notebook.ipynb")
    with a_pod(a_job(ipynb("1", "print('the last')")), runner=runner, intake=intake) as pod:
        pod.wait()

    assert pod.notebook.cells[1].outputs[0].text == "the last\n"
    assert len([path for _, path in intake.requests if path.endswith("/notebook.ipynb")]) > 1
