"""The folder that decides which python runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from podbook_cluster.kubelet.files import bin_folder


@pytest.mark.parametrize("name", ["python", "python3"])
def test_python_is_the_chosen_interpreter_in_its_own_environment(tmp_path: Path, name: str) -> None:
    bin_folder.write(tmp_path / "bin", python=Path(sys.executable))

    ask = [
        str(tmp_path / "bin" / name),
        "-c",
        "import sys; print(sys.prefix, *sys.argv[1:])",
        "a b",
    ]
    answer = subprocess.run(ask, capture_output=True, text=True, check=True)

    assert answer.stdout == f"{sys.prefix} a b\n"


def test_a_path_with_spaces_and_quotes_works(tmp_path: Path) -> None:
    odd = tmp_path / "it's a place" / "echo"
    odd.parent.mkdir()
    odd.symlink_to("/bin/echo")
    bin_folder.write_wrappers(tmp_path / "bin", {"say": [str(odd), "$HOME"]})

    said = subprocess.run(
        [tmp_path / "bin" / "say", "x"], capture_output=True, text=True, check=True
    )

    assert said.stdout == "$HOME x\n"


def test_the_runner_runs_with_podbooks_own_interpreter(tmp_path: Path) -> None:
    bin_folder.write(tmp_path, python=Path("/elsewhere/python"))

    assert (
        f"exec {sys.executable} -P -m podbook_runner"
        in tmp_path.joinpath("podbook-runner").read_text()
    )
