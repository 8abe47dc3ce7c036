"""Podbook installed by its chart on the running cluster, and the ways to meet it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.cluster import binaries, commands, control_plane, place

RELEASE = "podbook"
NAMESPACE = "podbook"
RUNS = "runs"
CHART = place.REPOSITORY / "charts" / "podbook"
VALUES = Path(__file__).parent / "charts" / "installed.yaml"
STORE = place.STATE / "volumes" / "store"
FINAL = ("Succeeded", "Failed", "Cancelled")

kubectl = control_plane.kubectl


@dataclass(frozen=True)
class Installed:
    """What a test asks of it; REST as an account that may do everything with executions."""

    http: httpx.Client
    intake_url: str

    def put(self, name: str, notebook: dict[str, Any], **spec: Any) -> None:
        """Put a notebook into the catalog and wait until the API shows this version of it."""
        apply("Notebook", name, {"source": {"ipynb": json.dumps(notebook)}, **spec})

        def is_ready() -> bool:
            status = get("notebook", name).get("status", {})
            answer = self.http.get(f"/v1/notebooks/{spec.get('id', name)}")
            return answer.status_code == 200 and answer.json()["digest"] == status.get("digest")

        commands.until(is_ready, f"notebook {name} shown", seconds=180)

    def post(self, notebook: str, parameters: dict[str, Any] | None = None) -> Any:
        """Run a notebook through v1 and return what became of it."""
        answer = self.http.post(
            f"/v1/notebooks/{notebook}/executions", json={"parameters": parameters or {}}
        )
        assert answer.status_code == 202, answer.text
        where = answer.headers["Location"]
        for _ in range(3):
            answer = self.http.get(where, params={"wait": 60})
            if answer.json()["phase"] in FINAL:
                break
        return answer.json()

    def artifact(self, execution: str, name: str) -> bytes:
        """Fetch an artifact's content."""
        answer = self.http.get(f"/v1/executions/{execution}/artifacts/{name}")
        assert answer.status_code == 200, answer.text
        return answer.content


def helm(*arguments: str) -> str:
    """Run helm as the cluster's administrator."""
    helm_program = binaries.program("helm")
    return commands.run(helm_program, "--kubeconfig", place.KUBECONFIG, *arguments)


def apply(kind: str, name: str, spec: dict[str, Any], *, namespace: str = RUNS) -> None:
    """Create or change a resource of Podbook in a namespace of runs."""
    control_plane.apply(
        {
            "apiVersion": "podbook.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }
    )


def run(name: str, **spec: Any) -> dict[str, Any]:
    """Apply an execution and return its status once it is final."""
    apply("NotebookExecution", name, spec)
    return ended(name)


def ended(name: str, *, seconds: float = 180) -> dict[str, Any]:
    """Return the status of an execution once it is final."""

    def is_final() -> bool:
        return get("nbx", name)["status"].get("phase") in FINAL

    commands.until(is_final, f"{name} final", seconds=seconds)
    status: dict[str, Any] = get("nbx", name)["status"]
    return status


def get(kind: str, name: str, *, namespace: str = RUNS) -> dict[str, Any]:
    """Return a resource as it is now."""
    found: dict[str, Any] = json.loads(kubectl("get", kind, name, "-n", namespace, "-ojson"))
    return found


def pods_of(execution: str, *, namespace: str = RUNS) -> list[dict[str, Any]]:
    """Return the pods that exist for an execution now."""
    uid = get("nbx", execution, namespace=namespace)["metadata"]["uid"]
    selector = f"podbook.dev/execution={uid}"
    found = kubectl("get", "pods", "-n", namespace, "-l", selector, "-ojson")
    items: list[dict[str, Any]] = json.loads(found)["items"]
    return items


def token(account: str, *, namespace: str = RUNS) -> str:
    """Return a token of a service account."""
    return kubectl("create", "token", account, "-n", namespace).strip()


def service_url(name: str, *, namespace: str = NAMESPACE) -> str:
    """Return the address of a Service; this machine is the node and reaches it."""
    found = get("service", name, namespace=namespace)["spec"]
    return f"http://{found['clusterIP']}:{found['ports'][0]['port']}"
