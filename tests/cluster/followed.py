"""Podbook on the real cluster as it follows a repository."""

import base64
from typing import Any, Final

from tests.cluster import commands, control_plane, installed
from tests.cluster.installation import await_rollout, await_service
from tests.cluster.installed import NAMESPACE, Installed, helm, kubectl, service_url

LOADER: Final = "podbook-catalog"


def follow(url: str, secret: dict[str, str], *more: str) -> None:
    """Let the release follow the folder `notebooks` there, with a Secret of these keys."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in secret.items()}
    name = f"git-{url.partition(':')[0]}"
    named = {"name": name, "namespace": NAMESPACE}
    control_plane.apply({"apiVersion": "v1", "kind": "Secret", "metadata": named, "data": data})
    settings = {
        "push": "true",
        "git.url": url,
        "git.path": "notebooks",
        "git.credentialsSecret": name,
        "git.intervalSeconds": "1",
    }
    upgrade(*more, *(f"--set=catalog.{name}={value}" for name, value in settings.items()))
    kubectl("rollout", "status", f"deployment/{LOADER}", "-n", NAMESPACE, "--timeout=180s")


def upgrade(*settings: str) -> None:
    """Make the release what it is in all tests, and these settings."""
    chart = ("upgrade", installed.RELEASE, str(installed.CHART), "--namespace", NAMESPACE)
    helm(*chart, "--values", str(installed.VALUES), *settings)
    await_rollout(installed.RELEASE, namespace=NAMESPACE)
    await_service(service_url("podbook"))


def stands(podbook: Installed) -> dict[str, Any]:
    """Return how the catalog stands, as the API tells it."""
    found: dict[str, Any] = podbook.http.get("/v1/catalog").json()["git"] or {"faults": []}
    return found


def followed(podbook: Installed, commit: str) -> None:
    """Wait until all of a commit is served."""
    commands.until(lambda: stands(podbook).get("served") == commit, f"{commit} served", seconds=120)
