"""The output is what was saved last, whatever the notebook does to its environment."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest

from podbook_crds import names
from podbook_runner.files.work_folder import WorkFolder
from podbook_runner.reporting.output import find
from podbook_runner.reporting.saved import Saved
from rig.runner_pod import a_job, ipynb, run

# As the silent first request leaves a kernel; then a cell, whose last value is {"rows": 3}.
FIRST = """
import os, sys
os.chdir({folder!r})
os.environ["PODBOOK_OUTPUT"] = {output!r}
sys.path.append({library!r})
from podbook import save_output
save_output({{"rows": "older"}})
"""
WAYS = {
    "os.environ.clear()": "os.environ.clear()\nsave_output({'rows': 3})",
    "mock.patch.dict(clear=True)": "from unittest import mock\n"
    "with mock.patch.dict(os.environ, {'STAGE': 'test'}, clear=True): save_output({'rows': 3})",
    "another value": "os.environ['PODBOOK_OUTPUT'] = '/nowhere/x'\nsave_output({'rows': 3})",
    "an empty value": "os.environ['PODBOOK_OUTPUT'] = ''\nsave_output({'rows': 3})",
    "another folder": "os.environ.clear()\nos.chdir('/')\nsave_output({'rows': 3})",
    "a path without ours": "sys.path[:] = [p for p in sys.path if '.podbook' not in p]\n"
    "os.environ.clear()\nos.chdir('/')\nsave_output({'rows': 3})",
    "a folder that is gone": "os.mkdir('x')\nos.chdir('x')\nos.rmdir('../x')\nos.environ.clear()\n"
    "save_output({'rows': 3})",
    "imported again": "os.environ.clear()\nimport importlib, podbook.save_output\n"
    "importlib.reload(sys.modules['podbook.save_output']).save_output({'rows': 3})",
    "a thread": "import threading\nos.environ.clear()\n"
    "t = threading.Thread(target=save_output, args=({'rows': 3},))\nt.start(); t.join()",
    "a fork": "os.environ.clear()\npid = os.fork()\n"
    "if pid == 0:\n    save_output({'rows': 3}); os._exit(0)\nos.waitpid(pid, 0)",
    "a process": "import subprocess\nsubprocess.run([sys.executable, '-c', 'import sys;"
    ' sys.path.append(".podbook/lib"); from podbook import save_output;'
    ' save_output({"rows": 3})\'], check=True)',
    "a process of no environment": "import subprocess\n"
    "subprocess.run([sys.executable, '-c', 'import sys;"
    ' sys.path.append(".podbook/lib"); from podbook import save_output;'
    ' save_output({"rows": 3})\'], check=True, env={})',
    "after a process": "import subprocess\nsubprocess.run([sys.executable, '-c', 'import sys;"
    ' sys.path.append(".podbook/lib"); from podbook import save_output;'
    " save_output(1)'], check=True)\nsave_output({'rows': 3})",
    "by hand": "import json\n"
    "with open(os.environ['PODBOOK_OUTPUT'], 'w') as file: json.dump({'rows': 3}, file)",
}


@pytest.mark.parametrize("cell", list(WAYS.values()), ids=list(WAYS))
def test_the_value_that_was_saved_last_is_in_the_file(cell: str, tmp_path: Path) -> None:
    place = WorkFolder(tmp_path, "", "")
    place.lay_out([], lambda _: b"")
    first = FIRST.format(
        folder=str(tmp_path), output=str(place.output_file), library=f"{tmp_path}/.podbook/lib"
    )

    subprocess.run([sys.executable, "-c", first + cell], check=True)

    assert find(place, nbformat.v4.new_notebook()).value == {"rows": 3}


def test_a_run_whose_environment_was_cleared_has_its_output() -> None:
    cells = (
        "from podbook import save_output\nsave_output({'rows': 1})",
        "import os\nos.environ.clear()\nos.chdir('/')\nsave_output({'rows': 3})",
    )

    assert run(a_job(ipynb(*cells))).intake.result.output == {"rows": 3}


def shown(value: Any, *, at: datetime, **more: Any) -> Saved:
    saved = Saved()
    content = {"data": {names.OUTPUT_TYPE: {"value": value, **more}}}
    saved.hear(content, {"date": at})
    return saved


# A podbook of the kernel's own may be older, look the place up late, and say nothing of it.
@pytest.mark.parametrize(
    ("second", "output"),
    [
        pytest.param(-10, "in the file", id="shown before the file was written"),
        pytest.param(+10, "shown", id="shown after it"),
    ],
)
def test_of_a_file_and_a_display_the_later_one_is_the_output(
    second: int, output: str, tmp_path: Path
) -> None:
    place = WorkFolder(tmp_path, "", "")
    place.output_file.parent.mkdir()
    place.output_file.write_text('"in the file"')
    os.utime(place.output_file, (1000, 1000))
    at = datetime.fromtimestamp(1000 + second, UTC)

    assert find(place, nbformat.v4.new_notebook(), shown("shown", at=at)).value == output


def test_a_display_without_a_file_is_the_whole_output(tmp_path: Path) -> None:
    scrap = {"name": "output", "data": {"rows": 3}, "encoder": "json", "version": 1}
    data = {
        names.OUTPUT_TYPE: {"value": {"rows": 3}},
        "application/scrapbook.scrap.json+json": scrap,
    }
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    place = WorkFolder(tmp_path, "", "")

    assert find(place, notebook, shown({"rows": 3}, at=datetime.now(UTC))).value == {"rows": 3}
    assert find(place, notebook).text is None


def test_a_display_that_was_written_too_says_nothing_about_the_file() -> None:
    assert shown("older", at=datetime.now(UTC), written=True).at is None


def test_sdk_and_runner_mean_the_same_type() -> None:
    assert import_module("podbook.save_output").OWN_TYPE == names.OUTPUT_TYPE
