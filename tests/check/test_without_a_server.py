"""`podbook.testing` runs a notebook in a test of one's own, with its contract and no server."""

import json
from pathlib import Path

import pytest

from podbook.testing import NotebookRaised, Unfit, run_notebook
from rig.ipynb import notebook

CONFIG = {
    "input": {"type": "object", "properties": {"n": {"type": "integer", "default": 2}}},
    "output": {"type": "integer", "maximum": 100},
}
CELL = "import podbook, os\nassert os.path.exists('beside.txt')\npodbook.save_output(100 // n)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "beside.txt").touch()
    (tmp_path / "halves.config.json").write_text(json.dumps(CONFIG))
    path = tmp_path / "halves.ipynb"
    path.write_text(json.dumps(notebook(CELL, parameters="n = 1")))
    return path


def test_a_notebook_runs_where_it_stands_and_returns_what_it_saved(path: Path) -> None:
    before = path.read_bytes()

    ran = run_notebook(path, {"n": 4}, timeout=60)

    assert ran.output == 25
    assert [cell["source"] for cell in ran.notebook["cells"]][1] == "# Parameters\nn = 4\n"
    assert path.read_bytes() == before
    with pytest.raises(NotebookRaised, match="ZeroDivisionError") as raised:
        run_notebook(path, {"n": 0}, timeout=60)
    assert raised.value.name == "ZeroDivisionError"


def test_what_does_not_fit_is_told_before_anything_runs(path: Path) -> None:
    with pytest.raises(Unfit, match="/n: ") as unfit:
        run_notebook(path, {"n": "4", "m": 1})
    assert [place.pointer for place in unfit.value.violations] == ["/n", "/m"]
    with pytest.raises(FileNotFoundError, match="no such notebook"):
        run_notebook(path.with_name("no.ipynb"))
