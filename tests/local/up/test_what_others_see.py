"""Nothing below the data folder is open to other users of the machine; notebooks write as ever."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from podbook_local.up.data_folder import DataFolder
from rig.ipynb import notebook
from rig.running import running

WRITES = """
import os, pathlib
from podbook import save_output
os.makedirs("artifacts", exist_ok=True)
pathlib.Path("artifacts/mine.txt").write_text("mine")
pathlib.Path(shared).write_text("ours")
mask = os.umask(0)
os.umask(mask)
save_output(mask)
"""


@pytest.fixture(autouse=True)
def _ordinary_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(data: Path) -> list[str]:
    found = []
    for folder, folders, files in os.walk(data):
        for path in (Path(folder, name) for name in (*folders, *files)):
            mode = path.lstat().st_mode
            # up.log is what the test itself writes the output of `podbook up` into.
            if mode & 0o077 and not stat.S_ISLNK(mode) and path.name != "up.log":
                found.append(f"{stat.filemode(mode)} {path.relative_to(data)}")
    return found


def test_everything_that_is_kept_is_its_user_s_alone(tmp_path: Path) -> None:
    folder, data = tmp_path / "notebooks", tmp_path / "data"
    folder.mkdir()
    shared = tmp_path / "shared.txt"
    source = f"shared = {str(shared)!r}\n{WRITES}"
    (folder / "writes.ipynb").write_text(json.dumps(notebook(source)))
    with running(folder, data) as podbook:
        path = "/v1/notebooks/writes/executions?wait=60"
        execution = podbook.http.post(path, json={}).json()
        for artifact in execution["artifacts"]:
            assert podbook.http.get(artifact["href"]).status_code == 200, artifact

        assert (execution["phase"], execution["output"]) == ("Succeeded", 0o022)
        assert open_to_others(data) == []
    assert open_to_others(data) == []
    assert data.stat().st_mode & 0o777 == 0o700
    assert shared.stat().st_mode & 0o777 == 0o644


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "store" / "blobs").mkdir(parents=True)
    (data / "store" / "blobs" / "x").write_text("x")
    (data / "lock").touch()
    outside = tmp_path / "outside"
    outside.touch()
    (data / "store" / "link").symlink_to(outside)

    DataFolder(data).make()

    assert open_to_others(data) == []
    assert outside.stat().st_mode & 0o777 == 0o644
