"""Starts the whole of `podbook up` on a folder, for tests and benchmarks, and ends it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any, TypeVar

import httpx

READY_SECONDS = 60.0
STOP_SECONDS = 10.0

T = TypeVar("T")


@dataclass
class RunningPodbook:
    """A running `podbook up`, and the ways to meet it: REST, kubectl, its folder."""

    process: subprocess.Popen[str]
    folder: Path
    data: Path
    url: str
    http: httpx.Client = field(repr=False)

    @property
    def kubeconfig(self) -> Path:
        return self.data / "kubeconfig"

    @property
    def state(self) -> dict[str, Any]:
        """What it writes down about itself: pids, ports, URL."""
        found: dict[str, Any] = json.loads((self.data / "state.json").read_text())
        return found

    def put(
        self, notebook_id: str, notebook: dict[str, Any], config: dict[str, Any] | None = None
    ) -> None:
        """Save a notebook in the folder and wait until the API shows this very version of it."""
        path = self.folder / f"{notebook_id}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        if config is not None:
            path.with_suffix(".config.json").write_text(json.dumps(config))
        path.write_text(json.dumps(notebook))
        eventually(
            lambda: self._is_shown(notebook_id, config), f"notebook {notebook_id!r} is shown"
        )

    def post(
        self, notebook_id: str, parameters: dict[str, Any] | None = None, wait: int = 60
    ) -> Any:
        """Run a notebook through v1 and return what it became; not final where wait is short."""
        path = f"/v1/notebooks/{notebook_id}/executions?wait={wait}"
        answer = self.http.post(path, json={"parameters": parameters or {}})
        assert answer.status_code in {200, 202}, answer.text
        return answer.json()

    def finished(self, execution: str) -> Any:
        """Return the execution when it is final, however often the API is restarted meanwhile."""
        return eventually(lambda: self._if_final(execution), f"{execution} is final", seconds=60)

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """Return what kubectl prints."""
        done = subprocess.run(
            [kubectl_binary(), *arguments],
            input=stdin,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def cluster_request(self, method: str, path: str) -> Any:
        """Return the JSON that the embedded cluster itself answers."""
        port = self.state["ports"]["cluster"]
        token = (self.data / "cluster" / "admin-token").read_text()
        answer = httpx.request(
            method,
            f"http://127.0.0.1:{port}{path}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def kill(self, part: str) -> None:
        """Kill -9 one of the processes: cluster, api or operator."""
        os.kill(self.pid_of(part), signal.SIGKILL)

    def pid_of(self, part: str) -> int:
        """Return the process of a part as it runs now."""
        return eventually(lambda: _child(self.process.pid, part), f"{part} is running")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode

    def _is_shown(self, notebook_id: str, config: dict[str, Any] | None) -> bool:
        answer = self.http.get(f"/v1/notebooks/{notebook_id}")
        if answer.status_code != 200:
            return False
        view = answer.json()
        return view["ready"] and (config is None or view["input"] == config.get("input"))

    def _if_final(self, execution: str) -> Any:
        try:
            answer = self.http.get(f"/v1/executions/{execution}")
        except httpx.TransportError:
            return None
        if answer.status_code != 200:
            return None
        view = answer.json()
        return view if view["phase"] in {"Succeeded", "Failed", "Cancelled"} else None


@contextmanager
def running(
    folder: Path, data: Path, *arguments: str, **variables: str
) -> Iterator[RunningPodbook]:
    """Run `podbook up` for the length of a `with` block."""
    podbook = start(folder, data, *arguments, **variables)
    try:
        yield podbook
    finally:
        podbook.stop()


def start(folder: Path, data: Path, *arguments: str, **variables: str) -> RunningPodbook:
    """Start `podbook up FOLDER` on free ports and return it when it is ready."""
    process = launch(folder, data, *arguments, **variables)
    try:
        state = eventually(lambda: _ready(process, data), "podbook is ready", seconds=READY_SECONDS)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    http = httpx.Client(base_url=state["url"], timeout=90, trust_env=False)
    return RunningPodbook(process, folder, data, state["url"], http)


def launch(folder: Path, data: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Start `podbook up FOLDER` and return at once; its lines go to up.log in the data folder."""
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "podbook.cli", "up", str(folder), "--data-dir", str(data)]
    if "--port" not in arguments:
        command += ["--port", "0"]
    if "--python" not in arguments:
        command += ["--python", sys.executable]
    with (data / "up.log").open("a") as log:
        return subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **variables},
        )


def kubectl_binary() -> str:
    """Return the kubectl that stands beside the interpreter, else one on PATH."""
    beside = Path(sys.executable).with_name("kubectl")
    return str(beside) if beside.exists() else which("kubectl") or "kubectl"


def eventually(look: Callable[[], T | None], what: str, *, seconds: float = 30) -> T:
    """Return the first true answer of look; AssertionError after a while."""
    end = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < end, f"{what} did not come true in {seconds} s"
        time.sleep(0.01)
    return answer


def processes() -> dict[int, tuple[int, str]]:
    """Return parent and command line of every process of this machine that lives."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    return {int(r[0]): (int(r[1]), r[3]) for r in rows if len(r) == 4 and "Z" not in r[2]}


def descendants(pid: int) -> dict[int, str]:
    """Return the processes that the process and its children started, with their command lines."""
    found: dict[int, str] = {}
    listed = processes()
    generation = {pid}
    while generation:
        children = {p: line for p, (parent, line) in listed.items() if parent in generation}
        generation = children.keys() - found.keys()
        found |= children
    return found


def still_running(before: dict[int, str]) -> list[str]:
    """Return the command lines of those processes that have not ended."""
    listed = processes()
    return [line for pid, line in before.items() if listed.get(pid, (0, ""))[1] == line]


def mentioning(text: str) -> list[str]:
    """Return the command lines that hold the text."""
    return [line for pid, (_, line) in processes().items() if text in line and pid != os.getpid()]


def _child(parent: int, part: str) -> int | None:
    module = "podbook_local.cluster" if part == "cluster" else f"podbook_{part}"
    for pid, (owner, line) in processes().items():
        if owner == parent and f"-m {module}" in line:
            return pid
    return None


def _ready(process: "subprocess.Popen[str]", data: Path) -> dict[str, Any] | None:
    said = data / "up.log"
    assert process.poll() is None, f"podbook up ended: {said.read_text()}"
    try:
        state: dict[str, Any] = json.loads((data / "state.json").read_text())
    except (OSError, ValueError):
        return None
    return state if state["ready"] and state["pid"] == process.pid else None
