"""Runs the API as a process of its own, and plays the operator and the runner to it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from podbook_crds import names
from podbook_crds.content import blob_digest
from podbook_crds.protocol import intake
from rig.embedded import EmbeddedCluster
from rig.until import eventually

CUSTOM = f"/apis/{names.API_VERSION}/namespaces/default"
PODS = "/api/v1/namespaces/default/pods"

HELLO = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": "one",
                "metadata": {},
                "outputs": [],
                "source": "print('hello')",
            }
        ],
        "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)


@dataclass
class RunningApi:
    """A running `python -m podbook_api`."""

    process: subprocess.Popen[bytes]
    url: str
    intake_url: str
    store: Path
    http: httpx.Client
    log: Path

    def stop(self) -> int:
        """End the process in good order; return its exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise


@contextmanager
def running(cluster: EmbeddedCluster, folder: Path, **settings: str) -> Iterator[RunningApi]:
    """Run an API for the length of a `with` block; settings are environment variables."""
    api = start(cluster, folder, **settings)
    try:
        yield api
    finally:
        api.stop()


def start(cluster: EmbeddedCluster, folder: Path, **settings: str) -> RunningApi:
    """Start an API on the cluster and wait until it is ready."""
    folder.mkdir(parents=True, exist_ok=True)
    port, intake_port = free_ports(2)
    log = folder / f"api-{port}.log"
    store = folder / "store"
    environment = {
        **os.environ,
        "KUBECONFIG": str(cluster.kubeconfig),
        "PODBOOK_API_PORT": str(port),
        "PODBOOK_INTAKE_PORT": str(intake_port),
        "PODBOOK_STORE": store.as_uri(),
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "podbook_api"], stdout=output, stderr=output, env=environment
        )
    url = f"http://127.0.0.1:{port}"
    http = httpx.Client(base_url=url, timeout=90, trust_env=False)
    api = RunningApi(process, url, f"http://127.0.0.1:{intake_port}", store, http, log)
    try:
        eventually(lambda: is_ready(api), f"the API is ready; its log: {log}", seconds=60)
    except BaseException:
        api.stop()
        raise
    return api


def is_ready(api: RunningApi) -> bool:
    """Tell whether the API answers that it is ready."""
    assert api.process.poll() is None, api.log.read_text()
    try:
        return api.http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def put_notebook(cluster: EmbeddedCluster, name: str, **spec: Any) -> dict[str, Any]:
    """Create a notebook."""
    body = {
        "apiVersion": names.API_VERSION,
        "kind": names.NOTEBOOK_KIND,
        "metadata": {"name": name},
        "spec": {"source": {"ipynb": HELLO}, **spec},
    }
    status, answer = cluster.request("POST", f"{CUSTOM}/{names.NOTEBOOK_PLURAL}", body)
    assert status == 201, answer
    created: dict[str, Any] = answer
    return created


def apply_execution(cluster: EmbeddedCluster, name: str, spec: dict[str, Any]) -> str:
    """Create an execution as kubectl would; return its name."""
    body = {
        "apiVersion": names.API_VERSION,
        "kind": names.EXECUTION_KIND,
        "metadata": {"name": name},
        "spec": spec,
    }
    path = f"{CUSTOM}/{names.EXECUTION_PLURAL}"
    status, answer = cluster.request("POST", path, body)
    assert status == 201, answer
    return name


def write_status(cluster: EmbeddedCluster, name: str, status: dict[str, Any]) -> None:
    """Write into an execution's status, as the operator would."""
    path = f"{CUSTOM}/{names.EXECUTION_PLURAL}/{name}/status"
    code, answer = cluster.request(
        "PATCH", path, {"status": status}, content_type="application/merge-patch+json"
    )
    assert code == 200, answer


def resource(cluster: EmbeddedCluster, name: str) -> dict[str, Any]:
    """Return an execution as the cluster has it."""
    status, answer = cluster.request("GET", f"{CUSTOM}/{names.EXECUTION_PLURAL}/{name}")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


@dataclass
class FakeRun:
    """Plays the operator, who makes the pod, and the runner in it, who claims and reports."""

    cluster: EmbeddedCluster
    api: RunningApi
    name: str
    attempt: int = 1
    token: str = ""
    artifacts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pod_name(self) -> str:
        return names.pod_name(resource(self.cluster, self.name)["metadata"]["uid"], self.attempt)

    def make_pod(self, **annotations: str) -> "FakeRun":
        """Create the attempt's pod and get its token, as the kubelet would."""
        execution = resource(self.cluster, self.name)
        uid = execution["metadata"]["uid"]
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": names.pod_name(uid, self.attempt),
                "labels": {names.EXECUTION_LABEL: uid, names.ATTEMPT_LABEL: str(self.attempt)},
                "annotations": {names.EXECUTION_NAME_ANNOTATION: self.name, **annotations},
                "ownerReferences": [
                    {
                        "apiVersion": names.API_VERSION,
                        "kind": names.EXECUTION_KIND,
                        "name": self.name,
                        "uid": uid,
                        "controller": True,
                    }
                ],
            },
            "spec": {"containers": [{"name": "runner", "image": "x"}], "restartPolicy": "Never"},
        }
        status, pod = self.cluster.request("POST", PODS, body)
        assert status == 201, pod
        self.token = self.token_of(pod["metadata"]["name"], pod["metadata"]["uid"])
        return self

    def token_of(self, pod_name: str, pod_uid: str, audience: str = "podbook") -> str:
        """Return a token bound to a pod."""
        spec = {
            "audiences": [audience],
            "expirationSeconds": 600,
            "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": pod_name, "uid": pod_uid},
        }
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        path = "/api/v1/namespaces/default/serviceaccounts/default/token"
        status, answer = self.cluster.request("POST", path, body)
        assert status == 201, answer
        token: str = answer["status"]["token"]
        return token

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request to the intake with the pod's token."""
        headers = {"Authorization": f"Bearer {self.token}", **arguments.pop("headers", {})}
        address = self.api.intake_url + path
        return httpx.request(
            method, address, headers=headers, timeout=30, trust_env=False, **arguments
        )

    def claim(self) -> dict[str, Any]:
        """Claim the attempt; return the job."""
        answer = self.call("POST", intake.CLAIM_PATH)
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def upload(self, name: str, data: bytes, media_type: str) -> None:
        """Upload an artifact, and name it in the result."""
        digest = blob_digest(data)
        answer = self.call(
            "PUT",
            f"{intake.ARTIFACTS_PATH}/{name}",
            content=data,
            headers={intake.DIGEST_HEADER: digest, "Content-Type": media_type},
        )
        assert answer.status_code == 201, answer.text
        self.artifacts.append(
            {"name": name, "mediaType": media_type, "size": len(data), "digest": digest}
        )

    def result(self, reason: str = "NotebookCompleted", **fields: Any) -> httpx.Response:
        """Report the result."""
        body = {
            "reason": reason,
            "artifacts": self.artifacts,
            "startedAt": "2026-11-22T12:00:00.000000Z",
            "finishedAt": "2026-11-22T12:00:01.500000Z",
            "cells": {"total": 1, "completed": 1},
            **fields,
        }
        return self.call("POST", intake.RESULT_PATH, json=body)

    def succeed(self, output: Any = None) -> None:
        """Do the whole of it: pod, claim, notebook, output, result."""
        self.make_pod().claim()
        self.upload(names.NOTEBOOK_ARTIFACT, HELLO.encode(), "application/x-ipynb+json")
        data = json.dumps(output).encode()
        self.upload(names.OUTPUT_ARTIFACT, data, "application/json")
        answer = self.result(output=output, hasOutput=True)
        assert (answer.status_code, answer.json()) == (200, {"final": True}), answer.text


def notebook_resource(cluster: EmbeddedCluster, name: str) -> dict[str, Any]:
    """Return a Notebook as the cluster has it."""
    status, answer = cluster.request("GET", f"{CUSTOM}/{names.NOTEBOOK_PLURAL}/{name}")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found
