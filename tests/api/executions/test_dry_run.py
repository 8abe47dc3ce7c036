"""A dry run says whether the notebook, the installation or the runner is at fault."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.artifacts.store import Store
from podbook_api.http.problems import Problem
from podbook_api.state.catalog import Entry
from podbook_api.submit.dry_run import DryRuns
from podbook_crds.errors import InvalidNotebook, InvalidParameters, Violation
from podbook_crds.resources.notebook import Notebook
from tests.support.notebooks import code, ipynb

# Called with what it says on stderr, and with how it ends.
Runner = Callable[[str, str], None]
SOURCE = ipynb(code("print(1)")).decode()


@pytest.fixture
def entry() -> Entry:
    notebook = Notebook(
        namespace="default", name="plain", uid="u", spec={"source": {"ipynb": SOURCE}}
    )
    return Entry(notebook)


@pytest.fixture
def dry_runs(tmp_path: Path) -> DryRuns:
    return DryRuns(Contents(Store.open(f"file://{tmp_path}/store")), "default")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Return what puts a script in the interpreter's place, which says something and ends."""

    def put(text: str, code: str) -> None:
        script = tmp_path / "python"
        script.write_text(f'#!/bin/sh\ncat > /dev/null\necho "{text}" >&2\n{code}\n')
        script.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(script))

    return put


async def test_the_notebook_has_the_parameters_in_it(dry_runs: DryRuns, entry: Entry) -> None:
    assert b"x = 5" in await dry_runs.notebook(entry, {"x": 5})


@pytest.mark.parametrize(
    "text", ["/python: No module named podbook_runner", "ModuleNotFoundError: No module named 'x'"]
)
async def test_a_runner_that_is_not_installed_is_told_so(
    dry_runs: DryRuns, entry: Entry, runner: Runner, text: str
) -> None:
    runner(text, "exit 1")

    with pytest.raises(Problem) as raised:
        await dry_runs.notebook(entry, {})

    assert (raised.value.status, raised.value.kind) == (501, "no-dry-run")
    assert "No module named" in raised.value.detail


@pytest.mark.parametrize(("code", "shown"), [("exit 1", "1"), ("kill -9 $$", "-9")])
async def test_a_runner_that_crashed_is_not_called_missing(
    dry_runs: DryRuns, entry: Entry, runner: Runner, code: str, shown: str
) -> None:
    runner("RuntimeError: oh", code)

    with pytest.raises(Problem) as raised:
        await dry_runs.notebook(entry, {})

    assert (raised.value.status, raised.value.kind) == (500, "internal-error")
    assert f"ended with {shown};" in raised.value.detail


async def test_a_notebook_that_is_none_is_the_callers_affair(
    dry_runs: DryRuns, entry: Entry, runner: Runner
) -> None:
    runner("cells is no list", "exit 2")

    with pytest.raises(InvalidNotebook, match="cells is no list"):
        await dry_runs.notebook(entry, {})


async def test_parameters_that_cannot_be_written_are_not_called_a_bad_notebook(
    dry_runs: DryRuns, entry: Entry, runner: Runner
) -> None:
    runner(r"[[\"/parameters/x\", \"cannot be written in cobol\"]]", "exit 3")

    with pytest.raises(InvalidParameters) as raised:
        await dry_runs.notebook(entry, {})

    assert raised.value.violations == [Violation("/parameters/x", "cannot be written in cobol")]
