"""From the manifest of a run to that of a pod which waits for one, and to what both are told by."""

import hashlib
import json
from typing import Any, Final

from podbook_crds import names
from podbook_crds.formats.json_pointers import escaped
from podbook_crds.resources.execution import Execution, ExecutionSpec, NotebookRef
from podbook_crds.resources.notebook import Notebook
from podbook_crds.resources.serving.warm import Warm
from podbook_operator.config import OperatorConfig
from podbook_operator.pod.manifest import Manifest, Site, build
from podbook_operator.rules.effective_spec import Terms, terms
from podbook_operator.rules.parameter_verdict import FITS

# What belongs to one execution, and to no other run of the same notebook.
_OF_ONE: Final = {names.EXECUTION_LABEL, names.ATTEMPT_LABEL, names.EXECUTION_NAME_ANNOTATION}
_POOL_LENGTH: Final = 32

# Nothing runs in a pod that waits: whoever takes its node away costs nobody anything.
_MAY_GO: Final = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
    "karpenter.sh/do-not-disrupt": "false",
}


def usual_terms(notebook: Notebook, config: OperatorConfig) -> Terms:
    """Return what holds for a call that says nothing but its parameters."""
    call = _usual_call(notebook)
    return terms(call, notebook, config.kernels, images=config.environments, verdict=FITS)


def usual_manifest(notebook: Notebook, held: Terms, site: Site, config: OperatorConfig) -> Manifest:
    """Return the manifest that a run of the notebook would have now."""
    return build(_usual_call(notebook), held, attempt=1, site=site, config=config)


def _usual_call(notebook: Notebook) -> Execution:
    spec = ExecutionSpec(notebook=NotebookRef(name=notebook.name))
    return Execution(namespace=notebook.namespace, name="", uid="", spec=spec)


def pool_of(manifest: Manifest, notebook: Notebook, warm: Warm) -> str:
    """Return what two manifests have in common if a run of one can be had in a pod of the other.

    All but whose they are, and how long they may take: that is compared apart. What was done in a
    pod before its call is part of it, and what the notebook was told of its pods by hand.
    """
    metadata = manifest["metadata"]
    spec = {k: v for k, v in manifest["spec"].items() if k != "activeDeadlineSeconds"}
    flushed = notebook.annotations.get(names.WARM_FLUSH_ANNOTATION, "")
    common = [
        warm.level.value,
        flushed,
        spec,
        _shared(metadata["labels"]),
        _shared(metadata["annotations"]),
    ]
    text = json.dumps(common, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_POOL_LENGTH]


def waiting(manifest: Manifest, notebook: Notebook, warm: Warm, *, name: str) -> Manifest:
    """Return the manifest of a pod that waits for a call of the notebook."""
    metadata = manifest["metadata"]
    return {
        **manifest,
        "metadata": {
            "name": name,
            "namespace": notebook.namespace,
            "labels": {
                **_shared(metadata["labels"]),
                # Empty, not absent: what selects run pods by the key has it from its birth.
                names.EXECUTION_LABEL: "",
                names.WARM_LABEL: names.WARM_IDLE,
            },
            "annotations": {
                **_shared(metadata["annotations"]),
                **_MAY_GO,
                names.WARM_POOL_ANNOTATION: pool_of(manifest, notebook, warm),
            },
            "ownerReferences": [_owner(notebook)],
        },
        "spec": _patient(manifest["spec"], warm),
    }


def gift(pod_uid: str, manifest: Manifest, *, given_at: str) -> list[dict[str, Any]]:
    """Return the JSON Patch that makes of a waiting pod the one of the manifest.

    It tests which pod it is and that it waits, not its resourceVersion, which the kubelet moves.
    """
    metadata = manifest["metadata"]
    labels = {k: metadata["labels"][k] for k in (names.EXECUTION_LABEL, names.ATTEMPT_LABEL)}
    annotations = {
        **{key: metadata["annotations"][key] for key in _MAY_GO if key in metadata["annotations"]},
        names.EXECUTION_NAME_ANNOTATION: metadata["annotations"][names.EXECUTION_NAME_ANNOTATION],
        names.GIVEN_AT_ANNOTATION: given_at,
    }
    idle = _at("labels", names.WARM_LABEL)
    return [
        {"op": "test", "path": "/metadata/uid", "value": pod_uid},
        {"op": "test", "path": idle, "value": names.WARM_IDLE},
        {"op": "replace", "path": idle, "value": names.WARM_GIVEN},
        *({"op": "add", "path": _at("labels", k), "value": v} for k, v in labels.items()),
        *({"op": "add", "path": _at("annotations", k), "value": v} for k, v in annotations.items()),
        {
            "op": "replace",
            "path": "/metadata/ownerReferences",
            "value": metadata["ownerReferences"],
        },
    ]


def _patient(spec: dict[str, Any], warm: Warm) -> dict[str, Any]:
    """Return the pod's spec with the time that it may wait, and a runner that knows it."""
    env = [
        {"name": names.ENV_WARM_LEVEL, "value": warm.level.value},
        {"name": names.ENV_WARM_SECONDS, "value": str(warm.max_age_seconds)},
    ]
    containers = [
        {**c, "env": [*c["env"], *env]} if c["name"] == names.RUNNER_CONTAINER else c
        for c in spec["containers"]
    ]
    backstop = spec["activeDeadlineSeconds"] + warm.max_age_seconds
    return {**spec, "activeDeadlineSeconds": backstop, "containers": containers}


def _owner(notebook: Notebook) -> dict[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.NOTEBOOK_KIND,
        "name": notebook.name,
        "uid": notebook.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }


def _shared(texts: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in texts.items() if key not in _OF_ONE}


def _at(place: str, key: str) -> str:
    return f"/metadata/{place}/{escaped(key)}"
