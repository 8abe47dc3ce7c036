"""The way to the API server from inside a pod: two variables and two files.

As https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ has it. The official client
reads the same, and takes 126 MB of an image and half a second to do so.
"""

import os
import ssl
from pathlib import Path
from typing import Final

from podbook_crds.errors import ClusterUnavailable
from podbook_kube.connection import Connection, bearer_from

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def connection(account: Path = ACCOUNT) -> Connection:
    """Return the way that the kubelet gave this pod; ClusterUnavailable where this is no pod."""
    host = os.environ.get("KUBERNETES_SERVICE_HOST")
    port = os.environ.get("KUBERNETES_SERVICE_PORT")
    token, authority = account / "token", account / "ca.crt"
    if not host or not port:
        raise ClusterUnavailable("neither a kubeconfig is named, nor is this a pod of a cluster")
    if not token.read_text().strip():
        raise ClusterUnavailable(f"{token} is empty")
    address = f"[{host}]" if ":" in host else host
    return Connection(
        f"https://{address}:{port}",
        tls=ssl.create_default_context(cafile=os.fspath(authority)),
        authorization=bearer_from(token),
    )
