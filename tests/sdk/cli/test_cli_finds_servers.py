"""A server is found by its folder, wherever its data are; no second one is started beside it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from rig.ipynb import notebook
from rig.running import launch, running
from rig.until import eventually
from tests.sdk.cli.test_cli_misused import COMMAND


def call(folder: Path, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env={**os.environ, "XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def a_catalog(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "a.ipynb").write_text(json.dumps(notebook("1")))
    return folder


def test_a_server_with_its_data_elsewhere_is_the_one_that_runs_and_lists(tmp_path: Path) -> None:
    folder, home = a_catalog(tmp_path / "notebooks"), tmp_path / "home"
    (tmp_path / "link").symlink_to(folder)
    with running(folder, tmp_path / "elsewhere", XDG_DATA_HOME=str(home)) as podbook:
        for where in (folder, tmp_path, tmp_path / "link"):
            assert call(where, home, "run", "a").returncode == 0
        assert call(folder, home, "run", "a.ipynb").returncode == 0

        assert len(podbook.http.get("/v1/executions").json()["items"]) == 4
        listed = call(folder, home, "list")
        assert (listed.returncode, len(listed.stdout.splitlines())) == (0, 4)
        second = call(folder, home, "up", str(folder), "--port", "0")
        assert second.returncode == 2
        assert f"already served by process {podbook.process.pid} at {podbook.url}" in second.stderr

    assert call(folder, home, "list").returncode == 3
    assert sorted(path.name for path in (home / "podbook").iterdir()) == [".elsewhere"]


def test_a_server_that_is_starting_is_waited_for(tmp_path: Path) -> None:
    folder, home = a_catalog(tmp_path / "notebooks"), tmp_path / "home"
    data = tmp_path / "elsewhere"
    process = launch(folder, data, XDG_DATA_HOME=str(home))
    try:
        eventually(lambda: _state(data), "it has begun to start")
        done = call(folder, home, "run", "a")
        runs = call(folder, home, "list").stdout.splitlines()
    finally:
        process.terminate()
        process.communicate(timeout=10)

    assert (done.returncode, len(runs)) == (0, 1)
    assert "Starting podbook" not in done.stderr


def _state(data: Path) -> Any:
    file = data / "state.json"
    return file.exists() and json.loads(file.read_text())
