"""Podbook on the real node, for the suites that run on `podbook up` as well."""

import json
import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rig.meeting import AnyPodbook
from rig.until import eventually
from tests.cluster import control_plane, installed, place, pod_processes
from tests.cluster.installation import installation
from tests.cluster.installed import NAMESPACE, RUNS, kubectl

EXAMPLES = place.REPOSITORY / "notebooks"
SHARED = place.STATE / "volumes" / "shared"
_CLAIM = "shared"


@dataclass
class OnNode(AnyPodbook):
    """The installed Podbook; this machine is its node."""

    http: httpx.Client = field(repr=False)

    @property
    def kubeconfig(self) -> Path:
        return place.STATE / "runs.kubeconfig"

    @property
    def shared(self) -> Path:
        return SHARED

    @property
    def store(self) -> Path:
        return installed.STORE

    def save(
        self,
        notebook_id: str,
        ipynb: str,
        config: dict[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Apply the notebook; every one of them sees the shared folder."""
        spec = {"id": notebook_id, "source": {"ipynb": ipynb}, **(config or {})}
        spec["files"] = [{"path": path, "text": text} for path, text in (files or {}).items()]
        runtime = spec.get("runtime", {})
        spec["runtime"] = {**runtime, "volumes": [*runtime.get("volumes", []), _volume()]}
        installed.apply("Notebook", _resource_name(notebook_id), spec)

    def save_example(self, name: str) -> None:
        config = re.sub(r"(?m)^\s*//.*$", "", (EXAMPLES / f"{name}.config.json").read_text())
        self.save(name, (EXAMPLES / f"{name}.ipynb").read_text(), json.loads(config))

    def remove(self, notebook_id: str) -> None:
        kubectl("delete", "notebook", _resource_name(notebook_id), "-n", RUNS)

    def is_shown(self, notebook_id: str, config: dict[str, Any] | None = None) -> bool:
        resource = installed.get("notebook", _resource_name(notebook_id))
        status = resource.get("status", {})
        if status.get("observedGeneration") != resource["metadata"]["generation"]:
            return False
        answer = self.http.get(f"/v1/notebooks/{notebook_id}")
        return answer.status_code == 200 and answer.json()["digest"] == status["digest"]

    def processes_of(self, pod_uid: str, recorded: list[int]) -> list[str]:
        """Return what runs in the pod's control groups; what it recorded are ids of its own."""
        return list(pod_processes.of(pod_uid).values())

    def main_process(self, pod_uid: str, container: str) -> int | None:
        return pod_processes.main(pod_uid, container)

    def kill(self, part: str) -> None:
        """Kill -9 it; of api and operator the pod too, or the kubelet would wait ever longer."""
        if part == "cluster":
            os.kill(json.loads(place.PIDS.read_text())["kube-apiserver"], signal.SIGKILL)
            return
        pod = _pod_of(part)
        os.kill(_main_process_of(pod, part), signal.SIGKILL)
        name = pod["metadata"]["name"]
        kubectl("delete", "pod", name, "-n", NAMESPACE, "--grace-period=0", "--force")

    def pid_of(self, part: str) -> int:
        return _main_process_of(_pod_of(part), part)


@contextmanager
def on_node() -> Iterator[OnNode]:
    """Install Podbook and give notebooks a folder of this machine to meet the tests in."""
    with installation() as podbook:
        found = OnNode(podbook.http)
        found.kubeconfig.write_text(place.KUBECONFIG.read_text())
        found.kubeconfig.chmod(0o600)
        found.kubectl("config", "set-context", "--current", f"--namespace={RUNS}")
        _provide_shared_folder()
        yield found


def _provide_shared_folder() -> None:
    """Pods reach it through a claim: Pod Security forbids folders of the node by themselves."""
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o777)
    common = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "shared",
    }
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": _CLAIM},
            "spec": {**common, "hostPath": {"path": str(SHARED)}},
        }
    )
    claim = {key: value for key, value in common.items() if key != "capacity"}
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": _CLAIM, "namespace": RUNS},
            "spec": {**claim, "resources": {"requests": {"storage": "1Gi"}}},
        }
    )


def _volume() -> dict[str, Any]:
    claim = {"claimName": _CLAIM}
    return {"name": _CLAIM, "mountPath": str(SHARED), "persistentVolumeClaim": claim}


def _resource_name(notebook_id: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", notebook_id.lower())


def _pod_of(part: str) -> dict[str, Any]:
    """Return the pod of a part that is ready."""

    def ready() -> dict[str, Any] | None:
        selector = f"app.kubernetes.io/component={part}"
        found = json.loads(kubectl("get", "pods", "-n", NAMESPACE, "-l", selector, "-ojson"))
        return next((pod for pod in found["items"] if _is_ready(pod)), None)

    return eventually(ready, f"a ready pod of {part}")


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]


def _main_process_of(pod: dict[str, Any], part: str) -> int:
    def process() -> int | None:
        return pod_processes.main(pod["metadata"]["uid"], part)

    return eventually(process, f"the process of {part}")
