"""The cluster's own README, followed in an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import podbook_cluster
from rig.meeting import kubectl_binary
from tests.support.documents import blocks

README = Path(podbook_cluster.__file__).parent / "README.md"


def test_what_it_shows_works(tmp_path: Path) -> None:
    shown = next(block.text for block in blocks(README) if block.language == "sh")
    places = [Path(sys.executable).parent, Path(kubectl_binary()).parent]

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", shown],
        cwd=tmp_path,
        env={**os.environ, "PATH": os.pathsep.join([*map(str, places), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "hello"


def test_its_options_are_there() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "podbook_cluster", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = [
        line.split("`")[1].split()[0] for line in README.read_text().splitlines() if "| `--" in line
    ]

    assert len(options) >= 5
    assert [option for option in options if option not in help_text] == []
