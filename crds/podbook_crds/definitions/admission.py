"""The form of an admission policy: what is held against which requests, in every namespace."""

from typing import Any

Manifest = dict[str, Any]

_API_VERSION = "admissionregistration.k8s.io/v1"


def policy(
    name: str,
    rule: Manifest,
    validations: list[Manifest],
    *,
    conditions: list[Manifest] | None = None,
) -> Manifest:
    """Return a policy that refuses what fits the rule and no validation; conditions narrow it."""
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        **({"matchConditions": conditions} if conditions else {}),
        "validations": validations,
    }
    return {
        "apiVersion": _API_VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def binding(name: str) -> Manifest:
    """Return the binding that puts the policy of that name in force."""
    return {
        "apiVersion": _API_VERSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
