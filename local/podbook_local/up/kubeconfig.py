"""Writes the kubeconfig of the embedded cluster."""

import json
from typing import Final

_NAME: Final = "podbook"


def for_kubectl(port: int, token: str) -> str:
    """Return the kubeconfig for kubectl and people.

    The token also stands in the URL: kubectl leaves a kubeconfig's credentials out of a
    connection without TLS, and sends those of the URL.
    """
    return _kubeconfig(f"http://{_NAME}:{token}@127.0.0.1:{port}", token)


def for_parts(port: int, token: str) -> str:
    """Return the kubeconfig for our own parts: their client refuses credentials in a URL."""
    return _kubeconfig(f"http://127.0.0.1:{port}", token)


def _kubeconfig(server: str, token: str) -> str:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _NAME, "cluster": {"server": server}}],
        "users": [{"name": _NAME, "user": {"token": token}}],
        "contexts": [
            {"name": _NAME, "context": {"cluster": _NAME, "user": _NAME, "namespace": "default"}}
        ],
        "current-context": _NAME,
    }
    # JSON is YAML, and needs no library to be written.
    return json.dumps(config, indent=1) + "\n"
