"""The ValidatingAdmissionPolicy: what the CustomResourceDefinition's own rules cannot see."""

from typing import Any, Final

from podbook_crds import names
from podbook_crds.parameters import NAME_PATTERN, RESERVED

Manifest = dict[str, Any]

NAME: Final = f"executions.{names.GROUP}"

# Everything but cancel and ttlSecondsAfterFinished.
_IMMUTABLE: Final = (
    "parameters",
    "parametersText",
    "deadlineSeconds",
    "startTimeoutSeconds",
    "queueTimeoutSeconds",
    "retryLimit",
    "idempotent",
    "outputValidation",
    "runtime",
    "webhook",
)


def policy() -> Manifest:
    """Return the policy; it needs Kubernetes 1.30 or later."""
    rule = {
        "apiGroups": [names.GROUP],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [names.EXECUTION_PLURAL],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": NAME},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [_names(), _keywords(), *map(_immutable, _IMMUTABLE)],
        },
    }


def binding() -> Manifest:
    """Return the binding that puts the policy in force in every namespace."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": NAME},
        "spec": {"policyName": NAME, "validationActions": ["Deny"]},
    }


def _names() -> dict[str, str]:
    return {
        "expression": (
            "!has(object.spec.parameters) ||"
            f" object.spec.parameters.all(k, k.matches('{NAME_PATTERN}'))"
        ),
        "message": "a parameter's name is an identifier: letters, digits and _, no digit first",
    }


def _keywords() -> dict[str, str]:
    reserved = ", ".join(f"'{word}'" for word in RESERVED)
    return {
        "expression": (
            f"!has(object.spec.parameters) || object.spec.parameters.all(k, !(k in [{reserved}]))"
        ),
        "message": "a parameter's name is not a keyword of Python, nor __debug__",
    }


def _immutable(field: str) -> dict[str, str]:
    return {
        "expression": (
            f"oldObject == null || (has(object.spec.{field}) == has(oldObject.spec.{field})"
            f" && (!has(object.spec.{field})"
            f" || object.spec.{field} == oldObject.spec.{field}))"
        ),
        "message": f"{field} is immutable",
    }
