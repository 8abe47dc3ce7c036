"""The Job that an execution is measured against: one pod that runs the papermill command line."""

import json
from typing import Any, Final

from rig.ipynb import notebook

NOTEBOOK: Final = json.dumps(notebook("x = 1", "print(x)"))
# Where the Job has its notebook from; a ConfigMap that has to be there.
CONFIG_MAP: Final = {"metadata": {"name": "two-cells"}, "data": {"in.ipynb": NOTEBOOK}}


def job(metadata: dict[str, str], *, image: str, **pod: Any) -> dict[str, Any]:
    """Return the Job; pod adds to its pod's spec.

    It asks for as much as a kernel does by default, and is as restricted as a run pod.
    """
    container = {
        "name": "papermill",
        "image": image,
        "imagePullPolicy": "Never",
        "command": ["papermill", "/notebook/in.ipynb", "/tmp/out.ipynb"],
        "env": [{"name": "HOME", "value": "/tmp"}],
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}},
        "volumeMounts": [
            {"name": "notebook", "mountPath": "/notebook"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumes": [
            {"name": "notebook", "configMap": {"name": CONFIG_MAP["metadata"]["name"]}},
            {"name": "tmp", "emptyDir": {}},
        ],
        "containers": [container],
        **pod,
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": {"backoffLimit": 0, "template": {"spec": spec}},
    }
