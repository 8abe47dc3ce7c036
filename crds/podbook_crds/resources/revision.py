"""A notebook's version as a ControllerRevision: it outlives its notebook, for runs that still wait.

The kind is Kubernetes' own for the past of an object, and its default roles let nobody write it: on
an execution, whoever may create one could name any image and Secret.
"""

import hashlib
from typing import Any, Final

from podbook_crds import names
from podbook_crds.resources.notebook import Notebook, Version

KIND: Final = "ControllerRevision"
API_VERSION: Final = "apps/v1"
PLURAL: Final = "controllerrevisions"

Object = dict[str, Any]


def name(notebook: str, digest: str) -> str:
    """Return the object's name: of a Notebook resource and the digest of its content."""
    pinned = hashlib.sha256(f"{notebook}\n{digest}".encode()).hexdigest()
    return f"podbook-{pinned[:48]}"


def write(notebook: Notebook, digest: str) -> Object:
    """Return the object that keeps what runs of the notebook as it is are made of."""
    version = Version.of(digest, notebook.spec)
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": name(notebook.name, digest),
            "labels": {names.VERSION_LABEL: names.label_value(notebook.name)},
        },
        "revision": 0,
        "data": {"notebook": notebook.name, "version": version.to_wire()},
    }


def read(found: Object) -> tuple[str, Version]:
    """Return the name of the Notebook resource, and what was kept of it."""
    data = found["data"]
    return str(data["notebook"]), Version.model_validate(data["version"])
