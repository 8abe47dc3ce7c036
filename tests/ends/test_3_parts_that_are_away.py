"""What a run has to say arrives, however long intake or store are away meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from rig.meeting import AnyPodbook
from rig.until import eventually
from tests.ends.held import held

Away = Callable[[AnyPodbook], AbstractContextManager[None]]


@contextmanager
def api_stopped(podbook: AnyPodbook) -> Iterator[None]:
    """Neither the API nor its intake answers anybody."""
    with podbook.stopped("api"):
        yield


@contextmanager
def operator_stopped(podbook: AnyPodbook) -> Iterator[None]:
    """Nobody looks after pods."""
    with podbook.stopped("operator"):
        yield


@contextmanager
def store_down(podbook: AnyPodbook) -> Iterator[None]:
    """The store takes no artifacts: their folder is away, and a file stands in its place."""
    folder = podbook.store / "executions"
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


@pytest.mark.parametrize("away", [api_stopped, operator_stopped, store_down])
def test_a_run_that_ends_while_a_part_is_away_ends_as_if_it_were_there(
    podbook: AnyPodbook, effects: Path, away: Away
) -> None:
    run = held(podbook, effects, f"ends during {away.__name__}")
    run.wait_began()
    with away(podbook):
        run.go_on()
        eventually(lambda: not run.main_process("kernel"), "the cells have ended")

    assert (run.view["phase"], run.view["reason"]) == ("Succeeded", "NotebookCompleted")
    assert run.view["output"] == "done"
    assert [c["type"] for c in run.view["conditions"]] == ["Finished", "Complete"]
    assert {a["name"] for a in run.view["artifacts"]} >= {"notebook.ipynb", "output.json"}
    assert len(run.kernels()) == len(run.view["attempts"]) == 1


def test_a_run_that_begins_while_the_api_is_stopped_is_run_once(
    podbook: AnyPodbook, effects: Path
) -> None:
    run = held(podbook, effects, "begins while the API is stopped")
    with api_stopped(podbook):
        eventually(lambda: run.pod()["status"].get("phase") == "Running", "its pod runs")
    run.go_on()

    assert (run.view["phase"], run.view["reason"]) == ("Succeeded", "NotebookCompleted")
    assert len(run.kernels()) == 1
