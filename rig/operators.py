"""Starts operators as processes of their own, and asks about executions."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podbook_crds import names
from podbook_crds.ends.phases import FINAL, Phase
from rig.embedded import EmbeddedCluster
from rig.ipynb import EMPTY
from rig.until import until

Object = dict[str, Any]

ROOT = Path(__file__).parents[1]
MANIFESTS = [
    ROOT / "crds" / name
    for name in (
        "notebooks.podbook.dev.yaml",
        "notebookexecutions.podbook.dev.yaml",
        "admission.podbook.dev.yaml",
    )
]
NO_KUBELET = ["--no-kubelet", *(f"--manifest={path}" for path in MANIFESTS)]

CONFIG: Object = {
    "slots": {"total": 4},
    "podRetentionSeconds": 0,
    "retryBackoffSeconds": 0.05,
}

START_SECONDS = 60.0
_BASE = f"/apis/{names.API_VERSION}/namespaces/default"


@dataclass
class Operator:
    """A running `python -m podbook_operator`."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it at whatever instruction it is."""
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(10)

    def logged(self) -> str:
        return self.log.read_text()


def start(cluster: EmbeddedCluster, *, config: Object | None = None, **env: str) -> Operator:
    """Start an operator on the cluster; config is written to its configuration file."""
    folder = cluster.folder.parent
    if config is not None:
        write_config(cluster, config)
    log = folder / f"operator-{len(list(folder.glob('operator-*.log')))}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "podbook_operator"],
            stdout=output,
            stderr=output,
            env={
                **os.environ,
                "KUBECONFIG": str(cluster.kubeconfig),
                "PODBOOK_INTAKE_URL": "http://127.0.0.1:9",
                "PODBOOK_RUNNER_IMAGE": "runner",
                "PODBOOK_KERNEL_IMAGE": "kernel",
                "PODBOOK_OPERATOR_CONFIG": str(folder / "operator.json"),
                **env,
            },
        )
    return Operator(process, log)


@contextmanager
def operating(
    cluster: EmbeddedCluster, *, config: Object | None = None, **env: str
) -> Iterator[Operator]:
    """Run an operator for the length of a `with` block, which begins when it serves.

    With PODBOOK_LEASE it may have to stand by: then it begins at once.
    """
    operator = start(cluster, config=config, **env)
    try:
        if "PODBOOK_LEASE" not in env:
            _wait_until_serving(operator)
        yield operator
    finally:
        operator.kill()


def _wait_until_serving(operator: Operator) -> None:
    end = time.monotonic() + START_SECONDS
    while "serving" not in operator.logged():
        assert operator.process.poll() is None, operator.logged()
        assert time.monotonic() < end, f"not serving after {START_SECONDS} s: {operator.logged()}"
        time.sleep(0.02)


def write_config(cluster: EmbeddedCluster, config: Object) -> None:
    """Replace the operator's configuration file, as an editor does."""
    path = cluster.folder.parent / "operator.json"
    path.with_suffix(".new").write_text(json.dumps(config))
    path.with_suffix(".new").replace(path)


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def configure(cluster: EmbeddedCluster, operator: Operator, config: Object) -> None:
    """Replace the configuration and wait until the operator says that it holds."""
    said = operator.logged().count("the configuration changed")
    write_config(cluster, config)
    await until(lambda: operator.logged().count("the configuration changed") > said)


def add_notebook(cluster: EmbeddedCluster, name: str, **spec: Any) -> Object:
    """Create a notebook of the catalog."""
    return _created(
        cluster,
        names.NOTEBOOK_PLURAL,
        names.NOTEBOOK_KIND,
        name,
        {
            "source": {"ipynb": EMPTY},
            **spec,
        },
    )


def submit(
    cluster: EmbeddedCluster,
    name: str,
    *,
    notebook: str = "completes",
    labels: dict[str, str] | None = None,
    **spec: Any,
) -> Object:
    """Create an execution, as kubectl does."""
    return _created(
        cluster,
        names.EXECUTION_PLURAL,
        names.EXECUTION_KIND,
        name,
        {
            "notebook": {"name": notebook},
            **spec,
        },
        labels=labels,
    )


async def settle(cluster: EmbeddedCluster) -> None:
    """Return once nothing is left to write of how the operator began, a first run included."""

    def judged() -> bool:
        notebooks = cluster.request("GET", f"{_BASE}/{names.NOTEBOOK_PLURAL}")[1]["items"]
        return all((notebook.get("status") or {}).get("conditions") for notebook in notebooks)

    await until(judged, what="every notebook's condition")
    submit(cluster, "warm-up")
    await until_final(cluster, "warm-up")
    await until(lambda: not pods(cluster), what="the end of its pod")


def cancel(cluster: EmbeddedCluster, name: str) -> None:
    """Ask for the execution's end."""
    path = f"{_BASE}/{names.EXECUTION_PLURAL}/{name}"
    merge = "application/merge-patch+json"
    status, answer = cluster.request("PATCH", path, {"spec": {"cancel": True}}, content_type=merge)
    assert status == 200, answer


def execution(cluster: EmbeddedCluster, name: str) -> Object:
    """Return the execution as it is."""
    status, found = cluster.request("GET", f"{_BASE}/{names.EXECUTION_PLURAL}/{name}")
    assert status == 200, found
    return dict(found)


def executions(cluster: EmbeddedCluster) -> list[Object]:
    """Return every execution."""
    return list(cluster.request("GET", f"{_BASE}/{names.EXECUTION_PLURAL}")[1]["items"])


def pods(cluster: EmbeddedCluster) -> list[Object]:
    """Return every pod."""
    return list(cluster.request("GET", "/api/v1/namespaces/default/pods")[1]["items"])


async def until_final(cluster: EmbeddedCluster, name: str, *, seconds: float = 30) -> Object:
    """Return the execution's status once it is final."""

    def look() -> Object | None:
        status: Object = execution(cluster, name)["status"]
        return status if Phase(status["phase"]) in FINAL else None

    found: Object = await until(look, seconds=seconds, what=f"the end of {name}")
    return found


async def until_reason(cluster: EmbeddedCluster, name: str, reason: str) -> Object:
    """Return the execution's status once it has this reason."""

    def look() -> Object | None:
        status: Object = execution(cluster, name)["status"]
        return status if status.get("reason") == reason else None

    found: Object = await until(look, what=f"{reason} of {name}")
    return found


async def clear(cluster: EmbeddedCluster) -> None:
    """Delete every execution and wait until its pods are gone too."""
    for found in executions(cluster):
        name = found["metadata"]["name"]
        cluster.request("DELETE", f"{_BASE}/{names.EXECUTION_PLURAL}/{name}")
    await until(lambda: not pods(cluster), what="no pods")


def writes(cluster: EmbeddedCluster, agent: str) -> dict[str, int]:
    """Return how often that client wrote, by verb and resource."""
    return {
        f"{count['verb']} {count['resource']}": count["count"]
        for count in cluster.counts()
        if count["userAgent"].startswith(agent) and count["verb"] not in {"GET", "WATCH"}
    }


def _created(
    cluster: EmbeddedCluster,
    plural: str,
    kind: str,
    name: str,
    spec: Object,
    *,
    labels: dict[str, str] | None = None,
) -> Object:
    body = {
        "apiVersion": names.API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "labels": labels or {}},
        "spec": spec,
    }
    status, answer = cluster.request("POST", f"{_BASE}/{plural}", body)
    assert status == 201, answer
    return dict(answer)
