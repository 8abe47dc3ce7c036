"""What is wrong in a cluster is seen there: on a real API's answers, with accounts of its own."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from podbook_cli.doctor.observing import pods
from podbook_cli.doctor.observing.cluster import Access, look
from podbook_cli.doctor.seen import SeenCluster
from podbook_crds import names
from rig import api as apis
from rig import embedded
from rig.embedded import EmbeddedCluster

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    folder = tmp_path_factory.mktemp("examined") / "data"
    with embedded.running(folder, embedded.PLAYED) as running:
        yield running


def seen(cluster: EmbeddedCluster, *, kubeconfig: Path | None = None) -> SeenCluster:
    config = cluster.folder / "operator.json"
    return asyncio.run(look(Access(kubeconfig or cluster.kubeconfig, None, "default", config)))


def test_a_cluster_as_it_was_installed_lacks_nothing(cluster: EmbeddedCluster) -> None:
    found = seen(cluster)

    assert (found.error, found.unseen, found.lacking_rights) == ("", {}, ())
    assert abs(found.ahead_seconds or 0) < 5
    assert all(each.is_there and each.is_established for each in found.definitions)
    assert {(each.lacks, each.has_more) for each in found.definitions} == {((), ())}
    assert (found.lacking_policies, found.pods) == ((), ())


def test_notebooks_pods_and_definitions_are_seen_as_they_are(cluster: EmbeddedCluster) -> None:
    apis.put_notebook(cluster, "in-fortran", runtime={"language": "fortran"})
    apis.put_notebook(cluster, "in-python")
    _wait(cluster, "nbx-node", "PodScheduled", "0/3 nodes are available: 3 Insufficient memory.")
    _wait(cluster, "nbx-image", "", "")
    with _changed_definition(cluster):
        assert cluster.request("DELETE", f"{POLICIES}/executions.podbook.dev")[0] == 200
        found = seen(cluster)

    unknown = [kernel.notebook for kernel in found.kernels if not kernel.argv]
    assert (unknown, len(found.kernels)) == (["in-fortran"], 2)
    assert {(each.reason, each.message) for each in found.pods} == {
        ("Unschedulable", "0/3 nodes are available: 3 Insufficient memory."),
        ("ImagePullBackOff", "no such image"),
    }
    assert found.unseen == {}
    assert found.lacking_policies == ("executions.podbook.dev",)
    differing = {each.name: each for each in found.definitions}["notebooks.podbook.dev"]
    assert differing.lacks == ("v1alpha1.spec.title",)
    assert differing.has_more == ("v1alpha1.spec.later",)


def test_an_account_that_may_little_is_told_what_it_lacks(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    rules = [{"apiGroups": [names.GROUP], "resources": ["notebooks"], "verbs": ["list"]}]
    _post(cluster, f"{RBAC}/roles", "Role", "little", rules=rules)
    bound = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "little"},
        "subjects": [{"kind": "ServiceAccount", "name": "little", "namespace": "default"}],
    }
    _post(cluster, f"{RBAC}/rolebindings", "RoleBinding", "little", **bound)
    account = "/api/v1/namespaces/default/serviceaccounts"
    cluster.request("POST", account, {"metadata": {"name": "little"}})
    asked = {"spec": {"audiences": [], "expirationSeconds": 600}}
    _, answer = cluster.request("POST", f"{account}/little/token", asked)
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": answer["status"]["token"]}
    config["clusters"][0]["cluster"]["server"] = cluster.url
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))

    found = seen(cluster, kubeconfig=kubeconfig)

    assert "list notebooks" not in found.lacking_rights
    assert {"execute notebooks", "create notebookexecutions"} <= {*found.lacking_rights}
    assert {"definitions", "policies", "pods"} <= found.unseen.keys()


def test_a_cluster_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}
    context = {"name": "c", "context": {"cluster": "c", "user": "c"}}
    config = {"current-context": "c", "clusters": [cluster], "contexts": [context]}
    kubeconfig.write_text(json.dumps({**config, "users": [{"name": "c", "user": {}}]}))

    found = asyncio.run(look(Access(kubeconfig, None, "podbook")))
    nowhere = asyncio.run(look(Access(tmp_path / "none", None, "podbook")))

    assert "GET /version" in found.error
    assert "no way to the cluster" in nowhere.error


def test_deployments_and_quotas_are_read_in_their_own_words() -> None:
    labels = {"app.kubernetes.io/component": "api", "app.kubernetes.io/version": "1.0"}
    deployment = {
        "metadata": {"name": "podbook-api", "labels": labels},
        "spec": {"replicas": 2},
        "status": {"readyReplicas": 1},
    }
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m"}}
    pod = {
        "metadata": {"name": "p", "labels": labels},
        "status": {"containerStatuses": [{"name": "api", "state": waiting}]},
    }
    quota = {
        "metadata": {"name": "few"},
        "status": {
            "hard": {"pods": "2", "memory": "4Gi", "none": "0"},
            "used": {"pods": "2", "memory": "1024Mi", "none": "0"},
        },
    }

    part = pods.part(deployment, [pod])

    assert (part.wanted, part.ready, part.version) == (2, 1, "1.0")
    assert part.says == "CrashLoopBackOff: back-off 5m"
    assert [(each.resource, each.used) for each in pods.exhausted([quota])] == [("pods", "2")]


def test_what_only_an_event_tells_of_a_pod_is_seen() -> None:
    waiting = [
        {"containerStatuses": [{"name": "kernel", "state": {"waiting": {"reason": why}}}]}
        for why in ("ContainerCreating", "ContainerCreating", "ErrImagePull")
    ]
    found = [
        {"metadata": {"name": f"nbx-{place}", "uid": str(place)}, "status": status}
        for place, status in enumerate(waiting)
    ]
    warnings = [
        {
            "involvedObject": {"uid": of},
            "reason": "FailedMount",
            "message": message,
            "lastTimestamp": at,
        }
        for of, message, at in [
            ("0", "no such Secret", "2026-11-28T10:00:05Z"),
            ("0", "at first", "2026-11-28T10:00:01Z"),
            ("2", "x", None),
            ("9", "gone", None),
        ]
    ]

    seen = list(pods.waiting(found, warnings))

    assert [(pod.name, pod.reason, pod.message) for pod in seen] == [
        ("nbx-0", "FailedMount", "no such Secret"),
        ("nbx-2", "ErrImagePull", "the container kernel waits"),
    ]


def _post(cluster: EmbeddedCluster, path: str, kind: str, name: str, **fields: Any) -> None:
    body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, **fields}
    status, answer = cluster.request("POST", path, {**body, "metadata": {"name": name}})
    assert status == 201, answer


def _wait(cluster: EmbeddedCluster, name: str, condition: str, message: str) -> None:
    """Make a pod of a run that cannot start."""
    body = {
        "metadata": {"name": name, "labels": {names.EXECUTION_LABEL: "x"}},
        "spec": {"containers": [{"name": "kernel", "image": "x"}]},
    }
    assert cluster.request("POST", apis.PODS, body)[0] == 201
    status: dict[str, Any] = {"phase": "Pending"}
    if condition:
        unscheduled = {"type": condition, "status": "False", "reason": "Unschedulable"}
        status["conditions"] = [{**unscheduled, "message": message}]
    else:
        waiting = {"reason": "ImagePullBackOff", "message": "no such image"}
        status["containerStatuses"] = [{"name": "kernel", "state": {"waiting": waiting}}]
    code, answer = cluster.request(
        "PATCH",
        f"{apis.PODS}/{name}/status",
        {"status": status},
        content_type="application/merge-patch+json",
    )
    assert code == 200, answer


class _changed_definition:  # noqa: N801  (a block, as a function would be)
    """Put a definition of another version in the place of ours, and ours back."""

    def __init__(self, cluster: EmbeddedCluster) -> None:
        self._cluster = cluster
        self._path = f"{DEFINITIONS}/notebooks.podbook.dev"

    def __enter__(self) -> None:
        _, definition = self._cluster.request("GET", self._path)
        spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        self._before = spec["properties"]["title"]
        self._patch({"title": None, "later": {"type": "string"}})

    def __exit__(self, *_: object) -> None:
        self._patch({"title": self._before, "later": None})

    def _patch(self, fields: dict[str, Any]) -> None:
        _, definition = self._cluster.request("GET", self._path)
        schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        members = schema["properties"]["spec"]["properties"]
        members.update(fields)
        kept = {name: each for name, each in members.items() if each is not None}
        schema["properties"]["spec"]["properties"] = kept
        status, answer = self._cluster.request("PUT", self._path, definition)
        assert status == 200, answer
