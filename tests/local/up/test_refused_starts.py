"""What `podbook up` says when it cannot start or go on: what is wrong, and what to do."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podbook_local.supervisor.health import Question
from podbook_local.supervisor.part import Ended, Part
from podbook_local.supervisor.supervisor import Supervisor
from podbook_local.up import session
from podbook_local.up.options import Options
from rig.ipynb import notebook
from rig.running import launch, mentioning
from rig.until import eventually

COMMAND = [sys.executable, "-m", "podbook_cli", "up", "--python", sys.executable]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "one.ipynb").write_text(json.dumps(notebook("1")))
    return folder


def refused(folder: Path, data: Path, *arguments: str, **variables: str) -> str:
    """Return what a start that is refused says."""
    process = launch(folder, data, *arguments, **variables)
    process.communicate(timeout=30)
    assert process.returncode == 2
    return (data / "up.log").read_text()


def test_beyond_this_machine_it_asks_for_a_token(folder: Path, tmp_path: Path) -> None:
    assert "needs --token" in refused(folder, tmp_path / "data", "--host", "0.0.0.0")


def test_a_port_that_is_taken_is_refused(folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        words = refused(folder, tmp_path / "data", "--port", port)

    assert f"127.0.0.1:{port} cannot be used" in words
    assert "--port gives another" in words


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("nowhere", "nowhere is not there", id="no folder"),
        pytest.param("notebooks/one.ipynb", "is a file; name its folder", id="a file"),
    ],
)
def test_a_folder_that_is_none_is_refused(
    folder: Path, tmp_path: Path, name: str, says: str
) -> None:
    assert says in refused(folder.parent / name, tmp_path / "data")


def test_a_python_without_ipykernel_is_refused(folder: Path, tmp_path: Path) -> None:
    words = refused(folder, tmp_path / "data", "--python", "/bin/false")

    assert "/bin/false is no Python that can be run" in words


def test_settings_that_cannot_be_read_are_refused_at_the_start(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "podbook.toml").write_text("pyton = 'x'")

    assert "did you mean 'python'?" in refused(folder, tmp_path / "data")
    assert mentioning(str(tmp_path)) == []


@pytest.mark.parametrize("host", ["a..b", "192.0.2.1"])
def test_an_address_that_is_not_this_machines_is_refused(
    folder: Path, tmp_path: Path, host: str
) -> None:
    words = refused(folder, tmp_path / "data", "--host", host, "--token", "secret")

    assert words.splitlines()[-1] == f"--host {host} is no address of this machine"


def test_a_data_folder_that_cannot_be_one_is_refused(folder: Path, tmp_path: Path) -> None:
    """A file where a folder is needed, as good as a right that is missing: root has them all."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "store").touch()

    words = refused(folder, data)

    assert words.splitlines()[-1] == (
        f"{data} cannot hold Podbook's data ({data / 'store'}: File exists);"
        " --data-dir names another folder for them"
    )


def test_of_two_starts_at_once_on_one_port_one_serves_and_one_is_refused(tmp_path: Path) -> None:
    """Both find the port free; neither may take the other's API for its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    datas = [tmp_path / "data-1", tmp_path / "data-2"]
    starts = []
    for number, data in enumerate(datas):
        catalog = tmp_path / f"notebooks-{number}"
        catalog.mkdir()
        (catalog / "one.ipynb").write_text(json.dumps(notebook("1")))
        starts.append(launch(catalog, data, "--port", port))
    try:
        eventually(lambda: any(start.poll() is not None for start in starts), "one is refused")
        served, refused_one = sorted(zip(starts, datas, strict=True), key=_ended)
        eventually(lambda: "Ctrl-C" in (served[1] / "up.log").read_text(), "the other serves")
    finally:
        for start in starts:
            start.terminate()
            start.wait(30)

    words = (refused_one[1] / "up.log").read_text()
    assert refused_one[0].returncode == 2
    assert f"127.0.0.1:{port} cannot be used" in words.splitlines()[-1]
    assert "Podbook    http" not in words


def _ended(start: "tuple[subprocess.Popen[str], Path]") -> bool:
    return start[0].poll() is not None


def test_it_stops_when_its_data_folder_is_removed(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [*COMMAND, str(folder), "--port", "0", "--data-dir", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        eventually(lambda: "Ctrl-C" in (tmp_path / "said").read_text(), "it serves", seconds=60)
        # Moved, as one step: what is removed file by file is being written to meanwhile.
        data.rename(tmp_path / "elsewhere")
        code = process.wait(60)
    finally:
        process.kill()
        process.wait()

    assert code == 3
    assert f"{data}, the data folder, was removed; stopping" in (tmp_path / "said").read_text()
    eventually(lambda: not mentioning(str(tmp_path)), "nothing is left")


async def test_a_mistake_of_our_own_ends_it_and_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mistaken() -> None:
        raise ZeroDivisionError("a mistake of ours")

    class Mistaken(Supervisor):
        def start(self, *_: str) -> None:
            self._keep(mistaken())

    asked: list[Question | None] = []

    def supervisor(parts: list[Part], *, ended: Callable[[Ended], None]) -> Supervisor:
        asked.extend(part.question for part in parts)
        return Mistaken(parts, ended=ended)

    monkeypatch.setattr(session, "Supervisor", supervisor)
    options = Options(folder, port=0, data_dir=tmp_path / "data", python=Path(sys.executable))

    with pytest.raises(ZeroDivisionError, match="a mistake of ours"):
        await session.serve(options, environment=dict(os.environ), say=lambda _: None)

    assert len(asked) == 3
    assert None not in asked, "each part is asked whether it is well"
