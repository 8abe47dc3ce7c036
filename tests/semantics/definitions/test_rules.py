"""CEL rules of definitions, and ValidatingAdmissionPolicies."""

from collections.abc import Iterator
from typing import Any

import pytest

from rig.kube_client import Kube, unique, until
from rig.widgets import GROUP, a_widget

_POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
_BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"

_RULES: dict[str, Any] = {
    "failurePolicy": "Fail",
    "matchConstraints": {
        "resourceRules": [
            {
                "apiGroups": [GROUP],
                "apiVersions": ["*"],
                "operations": ["CREATE", "UPDATE"],
                "resources": ["widgets"],
            }
        ]
    },
    "matchConditions": [
        {"name": "policed", "expression": "object.metadata.name.startsWith('policed-')"}
    ],
    "variables": [
        {
            "name": "parameters",
            "expression": "has(object.spec.parameters) ? object.spec.parameters : {}",
        }
    ],
    "validations": [
        {
            "expression": "variables.parameters.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_]*$'))",
            "message": "a parameter's name is an identifier",
        },
        {
            "expression": (
                "oldObject == null || (has(oldObject.spec.parameters)"
                " ? variables.parameters == oldObject.spec.parameters"
                " : variables.parameters.size() == 0)"
            ),
            "messageExpression": "'parameters of ' + object.metadata.name + ' are immutable'",
            "reason": "Forbidden",
        },
    ],
}


@pytest.fixture(scope="module")
def policy(kube: Kube, widgets: str) -> Iterator[str]:
    name = unique("policy")
    kube.create(_POLICIES, {"metadata": {"name": name}, "spec": _RULES})
    binding = {
        "policyName": name,
        "validationActions": ["Deny"],
        "matchResources": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": kube.namespace}}
        },
    }
    kube.create(_BINDINGS, {"metadata": {"name": name}, "spec": binding})
    probe = a_widget("policed-probe", parameters={"a b": 1})
    until(
        lambda: kube.request("POST", widgets, probe, dryRun="All").status == 422,
        what="the policy being in force",
    )
    yield name
    kube.delete(f"{_BINDINGS}/{name}")
    kube.delete(f"{_POLICIES}/{name}")


def test_a_rule_refuses_with_its_message(kube: Kube, widgets: str) -> None:
    answer = kube.request("POST", widgets, a_widget(unique("w"), colour="even", size=3))

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert "even wants an even size" in answer.body["message"]
    assert answer.body["details"]["causes"][0]["field"] == "spec"


def test_a_transition_rule_does_not_apply_to_creation(kube: Kube, widgets: str) -> None:
    assert kube.create(widgets, a_widget(unique("w"), colour="blue")).status == 201


def test_a_transition_rule_compares_with_what_was(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w")))

    answer = kube.patch(f"{widgets}/{created.name}", {"spec": {"colour": "blue"}})

    assert answer.status == 422
    assert "colour is immutable" in answer.body["message"]


def test_once_true_stays_true(kube: Kube, widgets: str) -> None:
    created = kube.create(widgets, a_widget(unique("w"), stop=True))
    path = f"{widgets}/{created.name}"

    assert kube.patch(path, {"spec": {"stop": False}}).status == 422
    assert kube.patch(path, {"spec": {"stop": None}}).status == 422
    assert kube.patch(path, {"spec": {"size": 4}}).status == 200


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"phase": "Running"}, id="another phase"),
        pytest.param({"phase": None}, id="no phase"),
        pytest.param(None, id="no status at all"),
    ],
)
def test_a_rule_at_the_root_freezes_a_final_phase(
    kube: Kube, widgets: str, status: dict[str, Any] | None
) -> None:
    created = kube.create(widgets, a_widget(unique("w")))
    path = f"{widgets}/{created.name}/status"
    kube.patch(path, {"status": {"phase": "Done"}})

    answer = kube.patch(path, {"status": status})

    assert answer.status == 422
    assert "a widget that is done stays done" in answer.body["message"]
    assert kube.patch(path, {"status": {"phase": "Done", "output": 1}}).status == 200


def test_a_rule_that_is_not_cel_is_refused_with_its_definition(kube: Kube) -> None:
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "self.("}]}
    definition = {
        "metadata": {"name": f"gadgets.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "gadgets", "kind": "Gadget"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }

    answer = kube.request(
        "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition
    )

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")


def test_a_policy_sees_what_the_schema_does_not_know(kube: Kube, widgets: str, policy: str) -> None:
    body = a_widget(unique("policed"), parameters={"x = 1; import os": 1})

    answer = kube.request("POST", widgets, body)

    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert f"ValidatingAdmissionPolicy '{policy}'" in answer.body["message"]
    assert "a parameter's name is an identifier" in answer.body["message"]


def test_a_policy_compares_with_what_was(kube: Kube, widgets: str, policy: str) -> None:
    created = kube.create(widgets, a_widget(unique("policed"), parameters={"a": {"b": [1]}}))

    answer = kube.patch(f"{widgets}/{created.name}", {"spec": {"parameters": {"a": {"b": [2]}}}})

    assert (answer.status, answer.body["reason"]) == (403, "Forbidden")
    assert f"parameters of {created.name} are immutable" in answer.body["message"]
    assert policy in answer.body["message"]


def test_a_match_condition_spares_the_others(kube: Kube, widgets: str, policy: str) -> None:
    assert kube.create(widgets, a_widget(unique("free"), parameters={"a b": 1})).status == 201
    assert policy


def test_a_policy_for_objects_leaves_their_status_alone(
    kube: Kube, widgets: str, policy: str
) -> None:
    created = kube.create(widgets, a_widget(unique("policed"), parameters={"a": 1}))

    answer = kube.patch(f"{widgets}/{created.name}/status", {"status": {"phase": "Running"}})

    assert answer.status == 200
    assert policy
