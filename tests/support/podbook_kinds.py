"""Podbook's own definitions and policy in a cluster, from the YAML that ships."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from rig.kube_client import Kube, unique, until

CRDS = Path(__file__).parents[2] / "crds"
GROUP = "podbook.dev"
VERSION = f"{GROUP}/v1alpha1"
PLACES = {
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ValidatingAdmissionPolicy": (
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
    ),
    "ValidatingAdmissionPolicyBinding": (
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    ),
}


def an_execution(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": VERSION,
        "kind": "NotebookExecution",
        "metadata": {"name": unique("x")},
        "spec": {"notebook": {"name": "analysis"}, **spec},
    }


def in_force(kube: Kube) -> Iterator[str]:
    """Yield the path of the executions once everything is in force; take it away then."""
    made = []
    for file in sorted(CRDS.glob("*.yaml")):
        for body in yaml.safe_load_all(file.read_text()):
            path = PLACES[body["kind"]]
            if kube.request("POST", path, body).status == 201:
                made.append(f"{path}/{body['metadata']['name']}")
            else:
                assert kube.get(f"{path}/{body['metadata']['name']}").status == 200, body
    path = kube.path("notebookexecutions", group=GROUP, version="v1alpha1")
    until(lambda: kube.get(path).status == 200, what="the definition")
    until(
        lambda: (
            kube.request("POST", path, an_execution(parameters={"a b": 1}), dryRun="All").status
            == 422
        ),
        what="the policy",
    )
    yield path
    for place in reversed(made):
        kube.delete(place)
