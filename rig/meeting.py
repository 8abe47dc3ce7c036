"""Podbook as a test meets it wherever it runs: REST, kubectl, a catalog, processes to kill."""

import json
import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from shutil import which
from typing import Any

import httpx

from rig.until import PATIENCE_SECONDS, eventually


class AnyPodbook(ABC):
    """What `podbook up` and a Podbook that was installed on a real cluster have in common."""

    http: httpx.Client

    @property
    @abstractmethod
    def kubeconfig(self) -> Path:
        """The cluster, with the namespace of the executions as the one that kubectl takes."""

    @property
    @abstractmethod
    def shared(self) -> Path:
        """A folder outside of every pod that notebooks reach by the same path as the test."""

    @property
    @abstractmethod
    def store(self) -> Path:
        """The artifact store's folder."""

    @abstractmethod
    def save(
        self,
        notebook_id: str,
        ipynb: str,
        config: dict[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Put a notebook's text and the files beside it into the catalog, good or not."""

    @abstractmethod
    def save_example(self, name: str) -> None:
        """Put one of the notebooks that come with Podbook into the catalog."""

    @abstractmethod
    def remove(self, notebook_id: str) -> None:
        """Take a notebook out of the catalog."""

    @abstractmethod
    def is_shown(self, notebook_id: str, config: dict[str, Any] | None = None) -> bool:
        """Whether the API shows the notebook as it was saved last."""

    @abstractmethod
    def processes_of(self, pod_uid: str, recorded: list[int]) -> list[str]:
        """Return the command lines of all that runs of a pod.

        Args:
            pod_uid: the pod's uid.
            recorded: ids that processes of the pod wrote down about themselves.

        """

    @abstractmethod
    def main_process(self, pod_uid: str, container: str) -> int | None:
        """Return the process of a container as this machine knows it; None while there is none."""

    @abstractmethod
    def kill(self, part: str) -> None:
        """Kill -9 one of the parts: cluster (its API server), api or operator."""

    @abstractmethod
    def pid_of(self, part: str) -> int:
        """Return the process of api or operator as it runs now."""

    def stopped(self, part: str) -> AbstractContextManager[None]:
        """Freeze api or operator for the length of a `with` block."""
        return frozen(self.pid_of(part))

    def shared_folder(self, name: str) -> Path:
        """Make a folder in which notebooks and the test may write."""
        folder = self.shared / name
        folder.mkdir()
        folder.chmod(0o777)
        return folder

    def put(
        self,
        notebook_id: str,
        notebook: dict[str, Any],
        config: dict[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Save a notebook and wait until the API shows this very version of it."""
        content = json.dumps([notebook, dict(files or {})])
        is_other = self._content.setdefault(notebook_id, content) != content
        known = self._digest(notebook_id) if is_other else None
        self._content[notebook_id] = content
        self.save(notebook_id, json.dumps(notebook), config, files)
        eventually(
            lambda: self.is_shown(notebook_id, config) and self._digest(notebook_id) != known,
            f"{notebook_id!r} is shown",
        )

    def post(
        self, notebook_id: str, parameters: dict[str, Any] | None = None, *, is_awaited: bool = True
    ) -> Any:
        """Run a notebook through v1 and return what it became; what it is so far if not awaited."""
        path = f"/v1/notebooks/{notebook_id}/executions?wait={60 if is_awaited else 0}"
        answer = self.http.post(path, json={"parameters": parameters or {}})
        assert answer.status_code in {200, 202}, answer.text
        execution = answer.json()
        # A minute is not enough where the machine is very busy.
        is_due = is_awaited and answer.status_code == 202
        return self.finished(execution["id"]) if is_due else execution

    def finished(self, execution: str) -> Any:
        """Return the execution when it is final, however often the API is restarted meanwhile."""
        return eventually(lambda: self._if_final(execution), f"{execution} is final")

    def pod_of(self, execution: str) -> Any:
        """Return the pod of an execution, or None while there is none."""
        for pod in json.loads(self.kubectl("get", "pods", "-o", "json"))["items"]:
            if pod["metadata"]["annotations"].get("podbook.dev/execution-name") == execution:
                return pod
        return None

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """Return what kubectl prints."""
        done = subprocess.run(
            [kubectl_binary(), *arguments],
            input=stdin,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    @cached_property
    def _content(self) -> dict[str, str]:
        """What was put under each id: two tests may use one, and each wants its own."""
        return {}

    def _digest(self, notebook_id: str) -> str:
        shown: dict[str, str] = self.http.get(f"/v1/notebooks/{notebook_id}").json()
        return shown.get("digest", "")

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
def frozen(pid: int) -> Iterator[None]:
    """Stop a process for the length of a `with` block, in which it may be killed."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def kubectl_binary() -> str:
    """Return the kubectl that stands beside the interpreter, else one on PATH."""
    beside = Path(sys.executable).with_name("kubectl")
    return str(beside) if beside.exists() else which("kubectl") or "kubectl"


def processes() -> dict[int, tuple[int, str]]:
    """Return parent and command line of every process of this machine that lives."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    return {int(r[0]): (int(r[1]), r[3]) for r in rows if len(r) == 4 and "Z" not in r[2]}
