"""The kubeconfig that the cluster writes for kubectl and for Podbook's own parts."""

import json


def text(server: str, token: str, namespace: str) -> str:
    """Return a kubeconfig, as JSON, which is YAML too."""
    name = "podbook"
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": server}}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [
                {
                    "name": name,
                    "context": {"cluster": name, "user": name, "namespace": namespace},
                }
            ],
        },
        indent=2,
    )
