"""Podbook's own definitions and policy in a cluster, from the YAML that ships."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from podbook_crds import names
from rig.kube_client import Kube, unique, until

CRDS = Path(__file__).parents[2] / "crds"
GROUP = "podbook.dev"
_RBAC = "rbac.authorization.k8s.io"
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


def an_account(kube: Kube, rules: list[dict[str, Any]], *, in_force: Callable[[Kube], bool]) -> str:
    """Return the token of an account that has the rules on Podbook's resources.

    in_force is asked as that account until the cluster knows of its binding.
    """
    name = unique("account")
    kube.create(kube.path("serviceaccounts"), {"metadata": {"name": name}})
    ours = [{"apiGroups": [names.GROUP], **rule} for rule in rules]
    kube.create(kube.path("roles", group=_RBAC), {"metadata": {"name": name}, "rules": ours})
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": kube.namespace}],
    }
    kube.create(kube.path("rolebindings", group=_RBAC), binding)
    answer = kube.create(kube.path("serviceaccounts", name) + "/token", {"spec": {}})
    token: str = answer.body["status"]["token"]
    with kube.as_user(token) as user:
        until(lambda: in_force(user), what="the binding")
    return token
