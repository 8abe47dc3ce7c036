"""Installs Podbook by its chart on the running cluster, for tests and measurements."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx

from tests.cluster import commands, control_plane, installed
from tests.cluster.installed import Installed, helm, kubectl

# The account that calls.
CALLER = "caller"


@contextmanager
def installation() -> Iterator[Installed]:
    """Install the chart with the images made here; speak to it as an account that may call."""
    _provide_volume()
    helm(
        *("upgrade", "--install", installed.RELEASE, str(installed.CHART)),
        *("--namespace", installed.NAMESPACE, "--create-namespace"),
        *("--values", str(installed.VALUES)),
    )
    await_rollout(installed.RELEASE, namespace=installed.NAMESPACE)
    allow(CALLER, namespace=installed.RUNS)
    url, intake_url = map(installed.service_url, ("podbook", "podbook-intake"))
    for served in (url, intake_url):
        await_service(served)
    with client(url, token=installed.token(CALLER)) as http:
        yield Installed(http, intake_url)


def client(url: str, *, token: str) -> httpx.Client:
    """Return a client of a Service whose pods come and go.

    It refuses for a moment, and a connection to a pod that was killed with its network is silent
    for ever: none is used again, none is long in coming.
    """
    none_kept = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=httpx.Timeout(70, connect=10),
        transport=httpx.HTTPTransport(retries=6, limits=none_kept),
    )


def await_rollout(release: str, *, namespace: str) -> None:
    """Wait until the pods of a release's two parts are ready."""
    for part in ("api", "operator"):
        kubectl(
            *("rollout", "status", f"deployment/{release}-{part}"),
            *("--namespace", namespace, "--timeout=240s"),
        )


def await_service(url: str) -> None:
    """Wait until a Service leads to its pods: that they are ready is not known everywhere yet."""

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/healthz", timeout=10).status_code == HTTPStatus.OK
        except httpx.TransportError:
            return False

    commands.until(answers, f"{url} served", seconds=180)


def _provide_volume() -> None:
    """Give the store's claim a folder: this cluster makes no volumes by itself."""
    installed.STORE.mkdir(parents=True, exist_ok=True)
    installed.STORE.chmod(0o777)
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "store"},
            "spec": {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": str(installed.STORE)},
            },
        }
    )


def allow(account: str, *, namespace: str) -> None:
    """Make an account that may do with a namespace's executions what an application does."""
    named = {"name": account, "namespace": namespace}
    rules = [
        {
            "apiGroups": ["podbook.dev"],
            "resources": ["notebooks"],
            "verbs": ["get", "list", "execute"],
        },
        {
            "apiGroups": ["podbook.dev"],
            "resources": ["notebookexecutions"],
            "verbs": ["get", "list", "create", "update", "delete"],
        },
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]},
    ]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": named}
    control_plane.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named})
    control_plane.apply({**role, "kind": "Role", "rules": rules})
    control_plane.apply(
        {
            **role,
            "kind": "RoleBinding",
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": account,
            },
            "subjects": [{"kind": "ServiceAccount", **named}],
        }
    )
