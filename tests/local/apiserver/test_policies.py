"""ValidatingAdmissionPolicies: which writes they look at, and what a binding does."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from podbook_cluster.apiserver.access.users import service_account
from podbook_cluster.apiserver.schema import policies
from podbook_cluster.apiserver.schema.policies import Question
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.errors import ApiError
from podbook_cluster.apiserver.terms.resources import PODS

_ALL = {
    "resourceRules": [
        {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]}
    ]
}


def _ask(
    spec: dict[str, Any],
    *,
    operation: str = "CREATE",
    subresource: str = "",
    binding: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    allows: Callable[[Mapping[str, str]], bool] = lambda said: False,
) -> list[str]:
    """Ask about the write of a pod; return the warnings, or raise where it is denied."""
    policy = {
        "metadata": {"name": "p"},
        "spec": {"matchConstraints": _ALL, "validations": [{"expression": "false"}], **spec},
    }
    bound = {"metadata": {"name": "b"}, "spec": {"policyName": "p", **(binding or {})}}
    call = Call(service_account("n", "a"), PODS, "n", "pod", subresource)
    pod = {"metadata": {"name": "pod", "labels": labels or {}}, "spec": {}}
    namespace = {"metadata": {"name": "n", "labels": {"env": "test"}}}
    for loaded in policies.load([policy], [bound]):
        loaded.check(Question(call, operation, pod, None, namespace, allows))
    return call.warnings


def _rule(**changes: Any) -> dict[str, Any]:
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
        **changes,
    }
    return {"matchConstraints": {"resourceRules": [rule]}}


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        pytest.param(_rule(), {}, id="the very resource"),
        pytest.param(_rule(resources=["*"]), {}, id="all resources"),
        pytest.param(_rule(operations=["*"]), {"operation": "UPDATE"}, id="all operations"),
        pytest.param(
            _rule(resources=["pods/status"]), {"subresource": "status"}, id="a subresource"
        ),
        pytest.param(_rule(resources=["pods/*"]), {"subresource": "status"}, id="all of a pod's"),
        pytest.param(_rule(resourceNames=["pod"]), {}, id="its name"),
        pytest.param(
            {"matchConditions": [{"name": "c", "expression": "request.operation == 'CREATE'"}]},
            {},
            id="a condition that holds",
        ),
        pytest.param(
            {},
            {
                "binding": {
                    "matchResources": {"namespaceSelector": {"matchLabels": {"env": "test"}}}
                }
            },
            id="the namespace's label",
        ),
        pytest.param(
            {"validations": [{"expression": "object.spec.missing == 1"}]},
            {},
            id="what can't be evaluated fails",
        ),
        pytest.param(
            {"validations": [{"expression": "request.userInfo.username == 'somebody'"}]},
            {},
            id="another user",
        ),
    ],
)
def test_denied(spec: dict[str, Any], options: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="ValidatingAdmissionPolicy 'p' with binding 'b' denied"):
        _ask(spec, **options)


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        pytest.param(_rule(apiGroups=["apps"]), {}, id="another group"),
        pytest.param(_rule(operations=["DELETE"]), {}, id="another operation"),
        pytest.param(_rule(), {"subresource": "status"}, id="a subresource is not the object"),
        pytest.param(_rule(resources=["*"]), {"subresource": "status"}, id="nor of all"),
        pytest.param(_rule(resourceNames=["other"]), {}, id="another name"),
        pytest.param(
            {"matchConditions": [{"name": "c", "expression": "request.operation == 'DELETE'"}]},
            {},
            id="a condition that does not hold",
        ),
        pytest.param(
            {"matchConstraints": {**_ALL, "excludeResourceRules": _ALL["resourceRules"]}},
            {},
            id="an exclusion",
        ),
        pytest.param(
            {},
            {"binding": {"matchResources": {"objectSelector": {"matchLabels": {"a": "b"}}}}},
            id="another label",
        ),
        pytest.param(
            {
                "failurePolicy": "Ignore",
                "validations": [{"expression": "object.spec.missing == 1"}],
            },
            {},
            id="what can't be evaluated is ignored where that is wanted",
        ),
        pytest.param({"validations": [{"expression": "true"}]}, {}, id="a rule that holds"),
        pytest.param(
            {
                "variables": [
                    {"name": "name", "expression": "object.metadata.name"},
                    {"name": "twice", "expression": "variables.name + variables.name"},
                ],
                "validations": [{"expression": "variables.twice == 'podpod'"}],
            },
            {},
            id="variables build on each other",
        ),
    ],
)
def test_allowed(spec: dict[str, Any], options: dict[str, Any]) -> None:
    assert _ask(spec, **options) == []


def test_a_binding_may_only_warn() -> None:
    warnings = _ask(
        {"validations": [{"expression": "false", "message": "don't"}]},
        binding={"validationActions": ["Warn"]},
    )

    assert len(warnings) == 1
    assert warnings[0].endswith("with binding 'b': don't")


@pytest.mark.parametrize("operator", ["In", "NotIn", "Exists", "DoesNotExist"])
def test_label_expressions(operator: str) -> None:
    expression = {"key": "a", "operator": operator, "values": ["b"]}
    binding = {"matchResources": {"objectSelector": {"matchExpressions": [expression]}}}
    is_positive = operator in ("In", "Exists")

    for labels, has in (({"a": "b"}, True), ({}, False)):
        if has == is_positive:
            with pytest.raises(ApiError):
                _ask({}, binding=binding, labels=labels)
        else:
            assert _ask({}, binding=binding, labels=labels) == []


def test_what_this_server_lacks_is_named_with_the_policy() -> None:
    expression = "params.a == authorizer.path('/x').check('get').allowed()"
    policy = {"spec": {"validations": [{"expression": expression}]}}

    messages = [cause.message for cause in policies.problems(policy)]

    assert messages == [
        "Invalid value: this server has no `authorizer.path` in policies",
        "Invalid value: this server has no `params` in policies",
    ]


def test_a_policy_may_ask_what_else_the_writer_may_do() -> None:
    asked: list[dict[str, str]] = []
    expression = (
        "authorizer.group('g').resource('r').subresource('s').namespace(object.metadata.name)"
        ".name('n').check('use').allowed()"
    )

    def allows(said: Mapping[str, str]) -> bool:
        asked.append(dict(said))
        return len(asked) == 1

    spec = {"validations": [{"expression": expression}]}
    assert _ask(spec, allows=allows) == []
    with pytest.raises(ApiError):
        _ask(spec, allows=allows)

    parts = {"group": "g", "resource": "r", "subresource": "s", "namespace": "pod", "name": "n"}
    assert asked == [{**parts, "verb": "use"}] * 2
