"""The ValidatingAdmissionPolicy: what the CustomResourceDefinition's own rules cannot see."""

from typing import Final

from podbook_crds import names
from podbook_crds.call_rules.parameters import NAME_PATTERN, RESERVED
from podbook_crds.definitions import admission
from podbook_crds.definitions.admission import Manifest

NAME: Final = f"executions.{names.GROUP}"

# Everything but cancel, keep and ttlSecondsAfterFinished.
_IMMUTABLE: Final = (
    "parameters",
    "parametersText",
    "deadlineSeconds",
    "startTimeoutSeconds",
    "queueTimeoutSeconds",
    "retryLimit",
    "idempotent",
    "outputValidation",
    "inputValidation",
    "runtime",
    "webhook",
)

_ATTRIBUTED: Final = (names.CREATED_BY_ANNOTATION, names.CANCELLED_BY_ANNOTATION)


def policy() -> Manifest:
    """Return the policy; it needs Kubernetes 1.30 or later."""
    rule = {
        "apiGroups": [names.GROUP],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [names.EXECUTION_PLURAL],
    }
    validations = [
        _names(),
        _keywords(),
        *map(_immutable, _IMMUTABLE),
        *map(_attributed, _ATTRIBUTED),
        _executes(),
    ]
    return admission.policy(NAME, rule, validations)


def binding() -> Manifest:
    """Return the binding that puts the policy in force in every namespace."""
    return admission.binding(NAME)


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


def _attributed(annotation: str) -> dict[str, str]:
    """Only who may say so says who did something; others may neither change nor remove it.

    Of who makes an execution everybody may say the truth: a policy of the chart does, where the
    cluster has policies that change what is made.
    """
    ask = (
        f"authorizer.group('{names.GROUP}').resource('{names.EXECUTION_PLURAL}')"
        f".namespace(object.metadata.namespace).check('{names.ATTRIBUTE_VERB}').allowed()"
    )
    now, before = _annotation("object", annotation), _annotation("oldObject", annotation)
    true = f"(oldObject == null && {now} == request.userInfo.username) || "
    own = true if annotation == names.CREATED_BY_ANNOTATION else ""
    return {
        "expression": f"{now} == (oldObject == null ? '' : {before}) || {own}{ask}",
        "message": (
            f"{annotation} is written by Podbook's API alone: leave it out, or as it is"
            f" (verb {names.ATTRIBUTE_VERB} on {names.EXECUTION_PLURAL}.{names.GROUP})"
        ),
        "reason": "Forbidden",
    }


def _executes() -> dict[str, str]:
    """Who makes an execution may execute the notebook that it names, or any that comes along."""
    ask = (
        f"authorizer.group('{names.GROUP}').resource('{names.NOTEBOOK_PLURAL}')"
        ".namespace(object.metadata.namespace)"
    )
    check = f".check('{names.EXECUTE_VERB}').allowed()"
    return {
        "expression": (
            "oldObject != null || (has(object.spec.notebook.name)"
            f" ? {ask}.name(object.spec.notebook.name){check} : {ask}{check})"
        ),
        "messageExpression": (
            "'you may not execute ' + (has(object.spec.notebook.name)"
            " ? 'notebook ' + object.spec.notebook.name : 'a notebook that comes along')"
            f" + ' (verb {names.EXECUTE_VERB} on {names.NOTEBOOK_PLURAL}.{names.GROUP})'"
        ),
        "reason": "Forbidden",
    }


def _annotation(holder: str, key: str) -> str:
    annotations = f"{holder}.metadata.annotations"
    return f"(has({annotations}) && '{key}' in {annotations} ? {annotations}['{key}'] : '')"
