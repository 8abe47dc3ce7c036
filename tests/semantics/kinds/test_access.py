"""RBAC: what a service account may do, asked and done."""

from collections.abc import Iterator
from typing import Any

import pytest

from rig.kube_client import Kube, unique, until
from rig.widgets import GROUP, a_widget

_RBAC = "rbac.authorization.k8s.io"


@pytest.fixture(scope="module")
def account(kube: Kube, widgets: str) -> str:
    """An account that may get and list widgets, patch their status, and read one config map."""
    name = unique("account")
    kube.create(kube.path("serviceaccounts"), {"metadata": {"name": name}})
    rules = [
        {"apiGroups": [GROUP], "resources": ["widgets"], "verbs": ["get", "list"]},
        {"apiGroups": [GROUP], "resources": ["widgets/status"], "verbs": ["patch"]},
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["one"], "verbs": ["*"]},
    ]
    kube.create(kube.path("roles", group=_RBAC), {"metadata": {"name": name}, "rules": rules})
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": kube.namespace}],
    }
    kube.create(kube.path("rolebindings", group=_RBAC), binding)
    until(
        lambda: _may(kube, name, verb="list", group=GROUP, resource="widgets"), what="the binding"
    )
    assert widgets
    return name


@pytest.fixture(scope="module")
def user(kube: Kube, account: str) -> Iterator[Kube]:
    answer = kube.create(kube.path("serviceaccounts", account) + "/token", {"spec": {}})
    with kube.as_user(answer.body["status"]["token"]) as user:
        yield user


def _may(kube: Kube, account: str, **attributes: Any) -> bool:
    spec = {
        "user": f"system:serviceaccount:{kube.namespace}:{account}",
        "groups": ["system:authenticated"],
        "resourceAttributes": {"namespace": kube.namespace, **attributes},
    }
    answer = kube.create(
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec},
    )
    allowed: bool = answer.body["status"]["allowed"]
    return allowed


@pytest.mark.parametrize(
    ("attributes", "allowed"),
    [
        pytest.param({"verb": "get", "group": GROUP, "resource": "widgets"}, True, id="get"),
        pytest.param({"verb": "delete", "group": GROUP, "resource": "widgets"}, False, id="verb"),
        pytest.param({"verb": "get", "resource": "widgets"}, False, id="another group"),
        pytest.param(
            {"verb": "patch", "group": GROUP, "resource": "widgets", "subresource": "status"},
            True,
            id="the status",
        ),
        pytest.param(
            {"verb": "patch", "group": GROUP, "resource": "widgets"}, False, id="status alone"
        ),
        pytest.param(
            {"verb": "get", "group": GROUP, "resource": "widgets", "namespace": "default"},
            False,
            id="another namespace",
        ),
        pytest.param(
            {"verb": "get", "resource": "configmaps", "name": "one"}, True, id="its one name"
        ),
        pytest.param(
            {"verb": "get", "resource": "configmaps", "name": "two"}, False, id="another name"
        ),
    ],
)
def test_access_is_reviewed(
    kube: Kube, account: str, attributes: dict[str, str], allowed: bool
) -> None:
    assert _may(kube, account, **attributes) is allowed


def test_somebody_unknown_may_nothing(kube: Kube) -> None:
    assert not _may(kube, "nobody", verb="get", group=GROUP, resource="widgets")


def test_a_user_may_ask_for_themselves(user: Kube) -> None:
    def ask(verb: str) -> bool:
        attributes = {
            "verb": verb,
            "group": GROUP,
            "resource": "widgets",
            "namespace": user.namespace,
        }
        answer = user.create(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": attributes},
            },
        )
        allowed: bool = answer.body["status"]["allowed"]
        return allowed

    assert (ask("get"), ask("delete")) == (True, False)


def test_what_is_allowed_is_done(kube: Kube, user: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}"

    assert user.get(path).status == 200
    assert user.patch(f"{path}/status", {"status": {"phase": "Running"}}).status == 200


def test_what_is_not_allowed_is_refused_by_name(kube: Kube, user: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = user.delete(f"{widgets}/{created.name}")

    assert (answer.status, answer.body["reason"]) == (403, "Forbidden")
    assert (
        'cannot delete resource "widgets" in API group "test.podbook.dev"'
        in (answer.body["message"])
    )
    assert f'in the namespace "{kube.namespace}"' in answer.body["message"]
    assert kube.get(f"{widgets}/{created.name}").status == 200


def test_the_whole_cluster_is_another_question(user: Kube) -> None:
    answer = user.get(f"/apis/{GROUP}/v1/widgets")

    assert answer.status == 403
    assert "at the cluster scope" in answer.body["message"]


def test_discovery_is_for_everyone(user: Kube) -> None:
    for path in ("/api", "/apis", "/api/v1", f"/apis/{GROUP}/v1", "/version", "/openapi/v3"):
        assert user.get(path).status == 200, path


def test_a_cluster_role_binds_everywhere(kube: Kube) -> None:
    name = unique("reader")
    kube.create(kube.path("serviceaccounts"), {"metadata": {"name": name}})
    rules = [{"apiGroups": [GROUP], "resources": ["*"], "verbs": ["get"]}]
    kube.create(f"/apis/{_RBAC}/v1/clusterroles", {"metadata": {"name": name}, "rules": rules})
    kube.create(
        f"/apis/{_RBAC}/v1/clusterrolebindings",
        {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": kube.namespace}],
        },
    )

    def bound() -> bool:
        return _may(kube, name, verb="get", group=GROUP, resource="widgets", namespace="default")

    until(bound, what="the binding")
    kube.delete(f"/apis/{_RBAC}/v1/clusterrolebindings/{name}")
    until(lambda: not bound(), what="the end of the binding")
    kube.delete(f"/apis/{_RBAC}/v1/clusterroles/{name}")
