"""A pod for the runner's tests: a real kernel and a real runner as two processes in one folder."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from podbook_crds import names
from podbook_crds.content import blob_digest
from podbook_crds.protocol.job import Job, JobFile
from podbook_crds.protocol.result import RunResult, decode
from rig.fake_intake import FakeIntake, serving
from rig.until import eventually

PYTHON_KERNEL = (sys.executable, "-m", "ipykernel_launcher", "-f", names.CONNECTION_FILE)
RUNNER = (sys.executable, "-m", "podbook_runner")
BASH_KERNEL = (sys.executable, "-m", "bash_kernel", "-f", names.CONNECTION_FILE)

_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
CONNECTION = {
    "transport": "ipc",
    "ip": names.SOCKET_PREFIX,
    "key": "",
    "signature_scheme": "hmac-sha256",
    **{name: number for number, name in enumerate(_PORTS, 1)},
}


def ipynb(*cells: str, tags: dict[int, list[str]] | None = None) -> str:
    """Return a notebook of code cells as JSON text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    for index, names_ in (tags or {}).items():
        notebook.cells[index].metadata["tags"] = names_
    text: str = nbformat.writes(notebook)
    return text


def a_job(text: str, **fields: Any) -> Job:
    """Return a job for a notebook's text; whatever is not given does not matter."""
    data = text.encode()
    notebook_id = fields.setdefault("notebook_id", "analysis")
    file = JobFile(path=f"{notebook_id}.ipynb", digest=blob_digest(data), size=len(data), text=text)
    return Job(
        **{"namespace": "default", "name": "run", "uid": "u-1", "attempt": 1, "ipynb": file}
        | fields
    )


@dataclass
class Pod:
    """The two processes and what they left."""

    root: Path
    intake: FakeIntake
    kernel: "subprocess.Popen[bytes] | None"
    runner: "subprocess.Popen[bytes]"
    log: Path

    @property
    def work(self) -> Path:
        """The folder that both share."""
        return self.root / "work"

    @property
    def message(self) -> RunResult | None:
        """What the termination message says."""
        path = self.root / "runner/termination"
        return decode(path.read_text()) if path.exists() else None

    @property
    def notebook(self) -> Any:
        """The executed notebook in the store."""
        return nbformat.reads(self.intake.artifacts[names.NOTEBOOK_ARTIFACT].decode(), 4)

    def until(self, condition: Callable[[], bool], timeout: float = 30) -> None:
        """Wait until the condition holds."""
        try:
            eventually(condition, "the condition", seconds=timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.log.read_text()}") from None

    def wait(self, timeout: float = 60) -> RunResult:
        """Wait for the runner's end; return the result that it handed in."""
        try:
            status = self.runner.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the runner still runs:\n{self.log.read_text()}") from None
        assert status == 0, self.log.read_text()
        assert self.intake.results, self.log.read_text()
        return self.intake.result

    def peak_memory(self) -> int:
        """Wait for the runner's end; return how many bytes it held at most.

        Read from /proc while it runs: what wait4 tells begins with the memory of the process that
        forked, which is this test's.
        """
        peak = 0
        while self.runner.poll() is None:
            peak = max(peak, _peak_of(self.runner.pid))
            time.sleep(0.01)
        assert self.runner.returncode == 0, self.log.read_text()
        assert peak > 0
        return peak


def _peak_of(pid: int) -> int:
    """Return the most bytes that a process held so far; 0 where it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


@contextmanager
def a_pod(
    job: Job | None,
    *,
    kernel: Sequence[str] | None = PYTHON_KERNEL,
    runner: Sequence[str] = RUNNER,
    intake: FakeIntake | None = None,
    environment: dict[str, str] | None = None,
    kernel_environment: dict[str, str] | None = None,
) -> Iterator[Pod]:
    """Start kernel and runner as a kubelet would; end both when the block ends."""
    intake = intake or FakeIntake()
    intake.job = job
    # A short path: a socket's may have 107 bytes. Relative ones are used, but bash has its own.
    with tempfile.TemporaryDirectory(prefix="pod-", dir="/tmp") as folder, serving(intake):
        root = Path(folder)
        for name in ("work/.ipc", "info", "token", "runner"):
            (root / name).mkdir(parents=True)
        (root / "info/connection.json").write_text(json.dumps(CONNECTION))
        (root / "token/token").write_text("a-token")
        log = root / "log"
        with log.open("wb") as sink:
            started = kernel and _start(kernel, root, sink, kernel_environment or {})
            given = {names.ENV_INTAKE_URL: intake.url, **(environment or {})}
            running = _start(runner, root, sink, given)
            pod = Pod(root, intake, started or None, running, log)
            try:
                yield pod
            finally:
                for process in (running, started):
                    if process:
                        _end(process)


def run(job: Job, **options: Any) -> Pod:
    """Run a job to its end; return the pod for a look at what it left (its folder is gone)."""
    with a_pod(job, **options) as pod:
        pod.wait()
    return pod


def _start(
    argv: Sequence[str], root: Path, sink: Any, environment: dict[str, str]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        argv,
        cwd=root / "work",
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=sink,
        start_new_session=True,
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
