"""The policy about run pods, from the YAML that ships: a member of a team forges none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rig.kube_client import Kube, unique, until

_FILE = Path(__file__).parents[3] / "crds" / "run-pods.podbook.dev.yaml"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_PLACES = {
    "ValidatingAdmissionPolicy": f"{_ADMISSION}/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": f"{_ADMISSION}/validatingadmissionpolicybindings",
}
_RBAC = "rbac.authorization.k8s.io"
_EXECUTION, _ATTEMPT = "podbook.dev/execution", "podbook.dev/attempt"
_SAYS = "only Podbook's operator makes or relabels"


def a_pod(name: str, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "none"}], "schedulerName": "nobody"},
    }


@pytest.fixture(scope="module", autouse=True)
def _policy(kube: Kube) -> Iterator[None]:
    documents = list(yaml.safe_load_all(_FILE.read_text()))
    for body in documents:
        kube.create(_PLACES[body["kind"]], body)
    yield
    for body in reversed(documents):
        kube.delete(f"{_PLACES[body['kind']]}/{body['metadata']['name']}")


@pytest.fixture(scope="module")
def _may_edit_pods(kube: Kube) -> str:
    name = unique("pods")
    rules = [
        {"apiGroups": [""], "resources": ["pods", "pods/status"], "verbs": ["*"]},
    ]
    kube.create(kube.path("roles", group=_RBAC), {"metadata": {"name": name}, "rules": rules})
    subjects = [
        {"kind": "ServiceAccount", "name": "member", "namespace": kube.namespace},
        {"kind": "ServiceAccount", "name": "podbook-operator", "namespace": "podbook"},
    ]
    role = {"apiGroup": _RBAC, "kind": "Role", "name": name}
    binding = {"metadata": {"name": name}, "roleRef": role, "subjects": subjects}
    kube.create(kube.path("rolebindings", group=_RBAC), binding)
    return name


def _account(kube: Kube, namespace: str, name: str) -> str:
    kube.request("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    kube.request("POST", path, {"metadata": {"name": name}})
    token: str = kube.create(f"{path}/{name}/token", {"spec": {}}).body["status"]["token"]
    return token


@pytest.fixture(scope="module")
def member(kube: Kube, _may_edit_pods: str) -> Iterator[Kube]:
    """Somebody who may do everything with the pods of the namespace."""
    with kube.as_user(_account(kube, kube.namespace, "member")) as member:
        pods = kube.path("pods")
        until(lambda: member.get(pods).status == 200, what="the member's rights")
        until(
            lambda: (
                _SAYS in str(member.request("POST", pods, a_pod("nbx-probe"), dryRun="All").body)
            ),
            what="the policy being in force",
        )
        yield member


@pytest.fixture(scope="module")
def operator(kube: Kube, _may_edit_pods: str, member: Kube) -> Iterator[Kube]:
    with kube.as_user(_account(kube, "podbook", "podbook-operator")) as operator:
        until(lambda: operator.get(kube.path("pods")).status == 200, what="the operator's rights")
        yield operator


@pytest.fixture
def run_pod(kube: Kube, operator: Kube) -> Iterator[str]:
    """The path of a pod that the operator made."""
    name = unique("nbx")
    operator.create(kube.path("pods"), a_pod(name, **{_EXECUTION: "e", _ATTEMPT: "1", "team": "a"}))
    yield kube.path("pods", name)
    kube.delete(kube.path("pods", name), {"gracePeriodSeconds": 0})


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param(a_pod("forged", **{_EXECUTION: "e"}), id="by its label"),
        pytest.param(a_pod("nbx-e-2"), id="by its name"),
        pytest.param(a_pod("nbx-e-2", **{_EXECUTION: "e", _ATTEMPT: "2"}), id="by both"),
        pytest.param(a_pod("forged", **{_EXECUTION: ""}), id="by an empty label"),
    ],
)
def test_a_member_makes_no_run_pod(kube: Kube, member: Kube, pod: dict[str, Any]) -> None:
    answer = member.request("POST", kube.path("pods"), pod)

    assert answer.status in (403, 422), answer
    assert _SAYS in answer.body["message"]


@pytest.mark.parametrize("below", ["", "/status"])
@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({_EXECUTION: "another"}, id="another execution"),
        pytest.param({_ATTEMPT: "2"}, id="another attempt"),
        pytest.param({_EXECUTION: None}, id="none any more"),
        pytest.param({"podbook.dev/notebook": "another"}, id="another notebook"),
    ],
)
def test_a_member_relabels_no_run_pod(
    member: Kube, run_pod: str, labels: dict[str, Any], below: str
) -> None:
    before = member.get(run_pod).body["metadata"]["labels"]

    answer = member.patch(f"{run_pod}{below}", {"metadata": {"labels": labels}})

    # A server may also leave all but the status out of a write of the status.
    assert answer.status in (403, 422) or below, answer
    assert answer.status == 200 or _SAYS in answer.body["message"]
    assert member.get(run_pod).body["metadata"]["labels"] == before


def test_a_member_makes_no_ordinary_pod_into_one(kube: Kube, member: Kube) -> None:
    name = unique("ordinary")
    path = kube.path("pods", name)
    assert member.request("POST", kube.path("pods"), a_pod(name)).status == 201

    answer = member.patch(path, {"metadata": {"labels": {_EXECUTION: "e"}}})

    assert _SAYS in answer.body["message"]
    kube.delete(path, {"gracePeriodSeconds": 0})


def test_others_write_what_is_theirs(kube: Kube, member: Kube, run_pod: str) -> None:
    """As a mesh labels pods, a kubelet writes their status, a garbage collector deletes them."""
    assert member.patch(run_pod, {"metadata": {"labels": {"mesh": "on"}}}).status == 200
    assert member.patch(f"{run_pod}/status", {"status": {"message": "m"}}).status == 200
    assert member.delete(run_pod, {"gracePeriodSeconds": 0}).status in (200, 202)
