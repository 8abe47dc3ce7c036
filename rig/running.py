"""Starts the whole of `podbook up` on a folder, for tests and benchmarks, and ends it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rig.meeting import AnyPodbook, processes
from rig.until import eventually

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
EXAMPLES = Path(__file__).parents[1] / "notebooks"


@dataclass
class RunningPodbook(AnyPodbook):
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

    @property
    def shared(self) -> Path:
        folder = self.data / "shared"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def store(self) -> Path:
        return self.data / "store"

    def save(
        self,
        notebook_id: str,
        ipynb: str,
        config: dict[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Save a notebook, its configuration and files in the folder."""
        for name, text in (files or {}).items():
            self._write(name, text)
        if config is not None:
            self._write(f"{notebook_id}.config.json", json.dumps(config))
        self._write(f"{notebook_id}.ipynb", ipynb)

    def save_example(self, name: str) -> None:
        for file in (f"{name}.ipynb", f"{name}.config.json"):
            shutil.copy(EXAMPLES / file, self.folder)

    def remove(self, notebook_id: str) -> None:
        (self.folder / f"{notebook_id}.ipynb").unlink()

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
        """Return the process of a part as it runs now; here of the cluster, too."""
        return eventually(lambda: _child(self.process.pid, part), f"{part} is running")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode

    def is_shown(self, notebook_id: str, config: dict[str, Any] | None = None) -> bool:
        answer = self.http.get(f"/v1/notebooks/{notebook_id}")
        if answer.status_code != 200:
            return False
        view = answer.json()
        return view["ready"] and (config is None or view["input"] == config.get("input"))

    def processes_of(self, pod_uid: str, recorded: list[int]) -> list[str]:
        """Return what stands in the pod's folder, and what was recorded wherever it stands."""
        folder = self.pods / pod_uid
        listed = processes()
        inside = {pid for pid in listed if _working_folder(pid).is_relative_to(folder)}
        return [listed[pid][1] for pid in inside | (listed.keys() & set(recorded))]

    def main_process(self, pod_uid: str, container: str) -> int | None:
        record = self.pods / pod_uid / "containers" / f"{container}.json"
        try:
            pid: int = json.loads(record.read_text())["pid"]
        except (OSError, ValueError):
            # Not there yet, or half written.
            return None
        return None if record.with_name(f"{container}.ended.json").exists() else pid

    @property
    def pods(self) -> Path:
        """The folder that holds one folder for each pod, named by its uid."""
        return self.data / "cluster" / "pods"

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


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
    command = [sys.executable, "-m", "podbook_cli", "up", str(folder), "--data-dir", str(data)]
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
    module = "podbook_cluster" if part == "cluster" else f"podbook_{part}"
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


def _working_folder(pid: int) -> Path:
    """Return where a process stands; the root for one that ended, or where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return Path("/")
