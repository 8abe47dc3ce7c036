"""The ValidatingAdmissionPolicy about run pods: nobody but the operator makes or relabels them.

A pod that looks like the next attempt of an execution would be handed its job, and believed.
"""

from typing import Final

from podbook_crds import names
from podbook_crds.definitions import admission
from podbook_crds.definitions.admission import Manifest

NAME: Final = f"run-pods.{names.GROUP}"
# Where the chart is installed as the docs have it; the chart puts its own account in its place.
OPERATOR: Final = "system:serviceaccount:podbook:podbook-operator"

_LABELLED: Final = (
    "has({0}.metadata.labels) && '" + names.EXECUTION_LABEL + "' in {0}.metadata.labels"
)
_IS_OURS: Final = f"k.startsWith('{names.GROUP}/')"


def policy() -> Manifest:
    """Return the policy; it needs Kubernetes 1.30 or later."""
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        # A status may bring other labels along.
        "resources": ["pods", "pods/status"],
    }
    validation = {
        "expression": f"{_by_operator()} || {_leaves_labels()}",
        "message": "only Podbook's operator makes or relabels the pods of executions",
        "reason": "Forbidden",
    }
    conditions = [{"name": "is-a-run-pod", "expression": _is_run_pod()}]
    return admission.policy(NAME, rule, [validation], conditions=conditions)


def binding() -> Manifest:
    """Return the binding that puts the policy in force in every namespace."""
    return admission.binding(NAME)


def _is_run_pod() -> str:
    """By its label, before or after, or by the name that the intake reads an attempt from."""
    old = _LABELLED.format("oldObject")
    return (
        f"({_LABELLED.format('object')}) || (oldObject != null && {old})"
        f" || (has(object.metadata.name) && object.metadata.name.startsWith('{names.POD_PREFIX}'))"
    )


def _by_operator() -> str:
    """Who may do everything could take the policy away too; on a laptop that is everybody."""
    return (
        f"request.userInfo.username == '{OPERATOR}'"
        " || (has(request.userInfo.groups) && 'system:masters' in request.userInfo.groups)"
    )


def _leaves_labels() -> str:
    """The kubelet, the scheduler and injected labels of others change none of ours."""
    return (
        "(oldObject != null && has(oldObject.metadata.labels) && has(object.metadata.labels)"
        f" && object.metadata.labels.all(k, !{_IS_OURS} || (k in oldObject.metadata.labels"
        " && oldObject.metadata.labels[k] == object.metadata.labels[k]))"
        f" && oldObject.metadata.labels.all(k, !{_IS_OURS} || k in object.metadata.labels))"
    )
