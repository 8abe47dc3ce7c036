"""Whatever a body holds in place of what belongs there, it is refused or taken, never a crash."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from rig.embedded import EmbeddedCluster
from rig.kube_client import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Kube
from rig.widgets import DEFINITION, GROUP, a_widget

_JUNK: tuple[Any, ...] = (None, 1.5, "x", [], {}, [1])
_IN_DEFAULT = "/api/v1/namespaces/default/"
_RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1/"
_ACCESS = "/apis/authorization.k8s.io/v1/"
_META = {
    "name": "broken",
    "labels": {"a": "b"},
    "finalizers": ["a/b"],
    "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "u"}],
}
_RULE = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["none"]}

_BODIES: dict[str, dict[str, Any]] = {
    _IN_DEFAULT + "pods": {
        "metadata": {"name": "broken"},
        "spec": {
            "volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {}}]}}],
            "containers": [
                {
                    "name": "m",
                    "image": "i:1",
                    "env": [{"name": "a", "value": "b"}],
                    "volumeMounts": [{"name": "v", "mountPath": "/x"}],
                    "resources": {"limits": {"cpu": "1"}},
                }
            ],
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 3,
        },
    },
    _IN_DEFAULT + "configmaps": {"metadata": _META, "data": {"a": "b"}},
    _IN_DEFAULT + "secrets": {
        "metadata": {"name": "broken"},
        "stringData": {"a": "b"},
        "data": {"c": "YQ=="},
    },
    _IN_DEFAULT + "events": {
        "metadata": {"name": "broken"},
        "involvedObject": {"namespace": "default"},
        "series": {"count": 1},
        "source": {"component": "x"},
    },
    "/apis/coordination.k8s.io/v1/namespaces/default/leases": {
        "metadata": {"name": "broken"},
        "spec": {"holderIdentity": "x", "leaseDurationSeconds": 1},
    },
    f"/apis/{GROUP}/v1/namespaces/default/widgets": a_widget(
        "broken", tags=["a"], parameters={"a": 1}, labels={"a": "b"}, port=1, ratio=1.5, stop=True
    ),
    _RBAC + "roles": {
        "metadata": {"name": "broken"},
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
    },
    _RBAC + "rolebindings": {
        "metadata": {"name": "broken"},
        "roleRef": {"kind": "Role", "name": "a"},
        "subjects": [{"kind": "User", "name": "x"}],
    },
    _ADMISSION + "validatingadmissionpolicies": {
        "metadata": {"name": "broken"},
        "spec": {
            "matchConstraints": {
                "resourceRules": [_RULE],
                "namespaceSelector": {
                    "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]
                },
            },
            "validations": [{"expression": "true", "message": "x"}],
            "variables": [{"name": "a", "expression": "1"}],
            "matchConditions": [{"name": "x", "expression": "true"}],
        },
    },
    _ADMISSION + "validatingadmissionpolicybindings": {
        "metadata": {"name": "broken"},
        "spec": {
            "policyName": "p",
            "validationActions": ["Deny"],
            "matchResources": {"objectSelector": {"matchLabels": {"a": "b"}}},
        },
    },
    "/api/v1/namespaces": {"metadata": {"name": "broken"}, "spec": {"finalizers": []}},
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": DEFINITION,
    "/apis/authentication.k8s.io/v1/tokenreviews": {"spec": {"token": "x", "audiences": ["a"]}},
    _ACCESS + "subjectaccessreviews": {
        "spec": {
            "user": "x",
            "groups": ["a"],
            "extra": {"a": ["b"]},
            "resourceAttributes": {"verb": "get", "resource": "pods"},
        }
    },
    _ACCESS + "selfsubjectaccessreviews": {
        "spec": {"nonResourceAttributes": {"verb": "get", "path": "/x"}}
    },
    _ACCESS + "selfsubjectrulesreviews": {"spec": {"namespace": "default"}},
    _IN_DEFAULT + "serviceaccounts/default/token": {
        "spec": {"audiences": ["a"], "expirationSeconds": 600, "boundObjectRef": {"kind": "Pod"}}
    },
}


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    steps: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        steps = enumerate(value)
    for key, inner in steps:
        yield from _places(inner, (*at, key))


def _broken(body: dict[str, Any]) -> Iterator[Any]:
    for place in _places(body):
        for junk in _JUNK:
            if not place:
                yield junk
                continue
            changed: Any = copy.deepcopy(body)
            holder = changed
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = junk
            yield changed


@pytest.mark.parametrize("path", _BODIES)
def test_a_broken_body_is_answered(cluster: EmbeddedCluster, kube: Kube, path: str) -> None:
    for body in _broken(_BODIES[path]):
        answer = kube.request("POST", path, body, dryRun="All")

        assert answer.status < 500, (body, cluster.log.read_text()[-2000:])


@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC_PATCH])
def test_a_broken_patch_is_answered(kube: Kube, content_type: str) -> None:
    path = _IN_DEFAULT + "pods"
    kube.request("POST", path, _BODIES[path])
    for body in _broken(_BODIES[path]):
        answer = kube.patch(f"{path}/broken", body, content_type, dryRun="All")

        assert answer.status < 500, (body, answer.body)


def test_broken_operations_of_a_json_patch_are_answered(kube: Kube) -> None:
    path = f"/apis/{GROUP}/v1/namespaces/default/widgets"
    kube.request("POST", path, _BODIES[path])
    for place in _places(_BODIES[path]):
        pointer = "".join(f"/{key}" for key in place)
        for operation in ("add", "remove", "replace", "move", "copy", "test", "nonsense"):
            patch = [{"op": operation, "path": pointer, "from": "/spec", "value": 1}]
            answer = kube.patch(f"{path}/broken", patch, JSON_PATCH, dryRun="All")

            assert answer.status < 500, (patch, answer.body)


def test_broken_options_of_a_deletion_are_answered(kube: Kube) -> None:
    options = {
        "gracePeriodSeconds": 1,
        "preconditions": {"uid": "u", "resourceVersion": "1"},
        "propagationPolicy": "Background",
        "dryRun": ["All"],
    }
    for body in _broken(options):
        answer = kube.delete(_IN_DEFAULT + "configmaps/nothing", body)

        assert answer.status < 500, (body, answer.body)


def test_what_is_nested_too_deeply_is_refused(kube: Kube) -> None:
    path, deep = f"/apis/{GROUP}/v1/namespaces/default/widgets", dict[str, Any]()
    for _ in range(900):
        deep = {"x": deep}
    for levels in (deep, {"metadata": {"name": "deep"}, "spec": deep}):
        answer = kube.request("POST", path, {**_BODIES[path], **levels})

        assert answer.status in (400, 422), answer.body
