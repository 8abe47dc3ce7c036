"""Starts the embedded cluster as a process of its own, for tests."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_SECONDS = 120.0
STOP_SECONDS = 60.0
# A cluster that knows all of Podbook's kinds and policies, and runs no pods: tests play them.
PLAYED = [
    "--no-kubelet",
    *(f"--manifest={path}" for path in sorted((Path(__file__).parents[1] / "crds").glob("*.yaml"))),
]


class NotReady(Exception):
    """The process ended, or did not say that it is ready in time."""


@dataclass
class EmbeddedCluster:
    """A running `python -m podbook_cluster`.

    `url`, `token` and `kubeconfig` say how to reach it; `faults` breaks it on purpose.
    """

    folder: Path
    process: subprocess.Popen[bytes]
    url: str
    token: str
    kubeconfig: Path
    log: Path
    _options: Sequence[str] = field(default=(), repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        token: str | None = None,
    ) -> tuple[int, Any]:
        """Return the HTTP status and the decoded answer of one request."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token if token is None else token}")
        if data is not None:
            request.add_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, _decoded(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _decoded(error.read())

    def fault(self, **request: Any) -> None:
        """Break requests: the fields of apiserver.faults.request_faults.RequestFault."""
        self._control({"request": request})

    def event_fault(self, **event: Any) -> None:
        """Break watch events: the fields of apiserver.faults.event_faults.EventFault."""
        self._control({"event": event})

    def drop_watches(self, resource: str = "") -> None:
        """End the open watches of a resource such as `pods`, or all."""
        self._control({"dropWatches": resource})

    def compact(self) -> None:
        """Forget the history: watches that resume get a 410 in their stream."""
        self._control({"compact": True})

    def clear_faults(self) -> None:
        """Behave again."""
        self.request("DELETE", "/_faults")

    def counts(self) -> list[dict[str, Any]]:
        """Return how often each user agent did each verb on each resource."""
        counted: list[dict[str, Any]] = self.request("GET", "/_requests")[1]["requests"]
        return counted

    def clear_counts(self) -> None:
        """Count from zero."""
        self.request("DELETE", "/_requests")

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """End the process in good order; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            raise

    def restart(self) -> None:
        """Start it again on the same folder; the port stays the same."""
        again = start(self.folder, self._options)
        self.process, self.url = again.process, again.url

    def _control(self, body: Any) -> None:
        status, answer = self.request("POST", "/_faults", body)
        assert status == 200, answer


def start(folder: Path, options: Sequence[str] = ()) -> EmbeddedCluster:
    """Start a cluster in `folder` and wait until it is ready.

    Args:
        folder: its data folder; made where it is missing.
        options: further command line options, such as `--manifest FILE`. Pods are run by a
            kubelet unless `--no-kubelet` is among them.

    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.parent / f"{folder.name}.log"
    arguments = [sys.executable, "-m", "podbook_cluster", "--data-dir", str(folder)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*arguments, "--enable-faults", *options],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    ready = _wait_ready(process, folder, log)
    kubeconfig = Path(ready["kubeconfig"])
    token = json.loads(kubeconfig.read_text())["users"][0]["user"]["token"]
    return EmbeddedCluster(folder, process, ready["url"], token, kubeconfig, log, tuple(options))


@contextmanager
def running(folder: Path, options: Sequence[str] = ()) -> Iterator[EmbeddedCluster]:
    """Run a cluster for the length of a `with` block."""
    cluster = start(folder, options)
    try:
        yield cluster
    finally:
        cluster.stop()


def _wait_ready(process: subprocess.Popen[bytes], folder: Path, log: Path) -> dict[str, Any]:
    ready = folder / "cluster.json"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotReady(log.read_text())
        if ready.exists():
            content: dict[str, Any] = json.loads(ready.read_text())
            if content["pid"] == process.pid:
                return content
        time.sleep(0.02)
    process.kill()
    process.wait(STOP_SECONDS)
    raise NotReady(f"not ready after {START_SECONDS} s: {log.read_text()}")


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()
