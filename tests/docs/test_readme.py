"""The README's first steps, walked as a new user would: make run, curl, kubectl, Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rig.meeting import kubectl_binary
from rig.running import mentioning
from rig.until import eventually
from tests.support.documents import blocks

ROOT = Path(__file__).parents[2]
README = blocks(ROOT / "README.md")

pytestmark = pytest.mark.timeout(180)


@dataclass
class MakeRun:
    """A running `make run`, and what it printed."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    home: Path

    @property
    def text(self) -> str:
        return self.log.read_text()

    @property
    def kubeconfig(self) -> str:
        found = re.search(r"KUBECONFIG=(\S+)", self.text)
        assert found, self.text
        return found[1]

    def shell(self, script: str) -> str:
        """Run a block of the README and return what it prints."""
        script = script.replace("127.0.0.1:5050", f"127.0.0.1:{self.port}")
        beside = f"{Path(kubectl_binary()).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env={**os.environ, "PATH": beside, "KUBECONFIG": self.kubeconfig},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeRun]:
    home = tmp_path_factory.mktemp("readme")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"PYTHON={sys.executable}"],
            cwd=ROOT,
            env={**os.environ, "XDG_DATA_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    run = MakeRun(process, port, log, home)
    eventually(lambda: '"needs_discount"' in run.text, "the example's answer", seconds=120)
    yield run
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)


def test_it_is_at_most_a_hundred_lines() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100


def block_with(words: str) -> str:
    return next(block.text for block in README if block.language == "sh" and words in block.text)


def test_make_run_shows_where_it_is_and_the_example_with_its_answer(made: MakeRun) -> None:
    assert f"http://127.0.0.1:{made.port}" in made.text
    assert f"http://127.0.0.1:{made.port}/docs" in made.text
    assert "POST" in made.text
    assert '"phase": "Succeeded"' in made.text
    assert re.search(r"^Kernels .*python", made.text, re.MULTILINE)


def test_the_call_answers_as_the_readme_says(made: MakeRun) -> None:
    answer = made.shell(block_with("v1/notebooks/analysis/executions"))

    assert '"phase":"Succeeded"' in answer
    assert '"output":{"needs_discount":false}' in answer


def test_kubectl_does_the_same(made: MakeRun) -> None:
    steps = [
        line.partition("#")[0]
        for line in block_with("kubectl apply").splitlines()
        if not line.startswith("export") and " -w" not in line
    ]

    printed = made.shell("\n".join(steps))

    assert "notebookexecution.podbook.dev/analysis-1 condition met" in printed
    assert printed.endswith('{"needs_discount":false}')


def test_the_file_that_is_applied_is_the_one_shown() -> None:
    shown = next(b.text for b in README if b.language == "yaml" and "NotebookExecution" in b.text)

    assert shown.split("\n", 1)[1] in (ROOT / "docs/examples/execution.yaml").read_text()


def test_ctrl_c_leaves_nothing(made: MakeRun) -> None:
    os.killpg(made.process.pid, signal.SIGINT)

    made.process.wait(20)

    eventually(lambda: not mentioning(str(made.home)), "every process has ended", seconds=10)
