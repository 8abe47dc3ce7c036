"""Evaluates one ValidatingAdmissionPolicy with its bindings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from podbook_cluster.apiserver.schema import authorizer, expressions
from podbook_cluster.apiserver.schema.authorizer import Allows
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms import errors
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.errors import ApiError
from podbook_cluster.apiserver.terms.resources import Resource

_CODES: Final = {
    "Unauthorized": HTTPStatus.UNAUTHORIZED,
    "Forbidden": HTTPStatus.FORBIDDEN,
    "RequestEntityTooLarge": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "Invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
}


@dataclass(frozen=True, slots=True)
class Question:
    """One write, as a policy's expressions see it."""

    call: Call
    operation: str
    new: Object | None
    old: Object | None
    namespace: Object | None
    allows: Allows

    def variables(self) -> dict[str, Any]:
        """Return what the expressions may read."""
        resource = self.call.resource
        request = {
            "kind": {
                "group": resource.group,
                "version": resource.version,
                "kind": resource.kind,
            },
            "resource": {
                "group": resource.group,
                "version": resource.version,
                "resource": resource.plural,
            },
            "subResource": self.call.subresource,
            "name": self.call.name,
            "namespace": self.call.namespace,
            "operation": self.operation,
            "userInfo": {"username": "", "groups": [], "extra": {}} | self.call.user.info(),
            "dryRun": self.call.dry_run,
        }
        return {
            "object": self.new,
            "oldObject": self.old,
            "request": request,
            "namespaceObject": self.namespace,
            "authorizer": {},
        }

    def answer(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """Return an expression's value; raise ExpressionFailed."""
        asks = "authorizer" in expressions.names(expression)
        return expressions.evaluate(
            expression, variables, authorizer.functions(self.allows) if asks else {}
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, and the bindings that put it into force."""

    name: str
    spec: Mapping[str, Any]
    bindings: tuple[Object, ...]

    def check(self, question: Question) -> None:
        """Raise an ApiError where a binding denies; warn where one only warns."""
        if not _selects(self.spec.get("matchConstraints") or {}, question):
            return
        for binding in self.bindings:
            if not _selects(binding["spec"].get("matchResources") or {}, question):
                continue
            for failure in self._failures(question):
                self._act(question.call, binding, failure)

    def _failures(self, question: Question) -> Iterator["_Failure"]:
        variables = question.variables()
        try:
            for condition in self.spec.get("matchConditions") or ():
                if question.answer(condition["expression"], variables) is not True:
                    return
            variables["variables"] = {}
            for variable in self.spec.get("variables") or ():
                value = question.answer(variable["expression"], variables)
                variables["variables"] = variables["variables"] | {variable["name"]: value}
            for validation in self.spec.get("validations") or ():
                if question.answer(validation["expression"], variables) is not True:
                    yield _Failure(
                        _message(validation, variables), validation.get("reason", "Invalid")
                    )
        except expressions.ExpressionFailed as error:
            if self.spec.get("failurePolicy", "Fail") == "Fail":
                yield _Failure(f"expression could not be evaluated: {error}", "Invalid")

    def _act(self, call: Call, binding: Object, failure: "_Failure") -> None:
        name = binding["metadata"]["name"]
        actions = binding["spec"].get("validationActions") or ["Deny"]
        if "Warn" in actions:
            call.warnings.append(
                f"Validation failed for ValidatingAdmissionPolicy '{self.name}' with binding"
                f" '{name}': {failure.message}"
            )
        if "Deny" in actions:
            raise _denied(call, self.name, name, failure)


@dataclass(frozen=True, slots=True)
class _Failure:
    message: str
    reason: str


def load(policies: Sequence[Object], bindings: Sequence[Object]) -> tuple[Policy, ...]:
    """Return the policies that a binding puts into force."""
    bound: dict[str, list[Object]] = {}
    for binding in bindings:
        bound.setdefault(binding["spec"]["policyName"], []).append(binding)
    return tuple(
        Policy(policy["metadata"]["name"], policy["spec"], tuple(bound[policy["metadata"]["name"]]))
        for policy in policies
        if policy["metadata"]["name"] in bound
    )


def problems(policy: Object) -> list[errors.Cause]:
    """Return what of a policy is not CEL, or asks for what this server does not have."""
    spec = policy.get("spec") or {}
    found = []
    for field in ("matchConditions", "variables", "validations"):
        for index, item in enumerate(spec.get(field) or ()):
            try:
                read = expressions.names(item["expression"])
            except expressions.ExpressionFailed as error:
                found.append(
                    errors.Cause(f"spec.{field}[{index}].expression", f"Invalid value: {error}")
                )
                continue
            called = expressions.called(item["expression"]) if "authorizer" in read else ()
            lacking = [
                *({"params"} & read),
                *(f"authorizer.{f}" for f in authorizer.LACKING & {*called}),
            ]
            found += [
                errors.Cause(
                    f"spec.{field}[{index}].expression",
                    f"Invalid value: this server has no `{name}` in policies",
                )
                for name in sorted(lacking)
            ]
    return found


def _message(validation: Object, variables: Mapping[str, Any]) -> str:
    if "messageExpression" in validation:
        try:
            return str(expressions.evaluate(validation["messageExpression"], variables))
        except expressions.ExpressionFailed:
            pass
    return str(validation.get("message") or f"failed expression: {validation['expression']}")


def _denied(call: Call, policy: str, binding: str, failure: _Failure) -> ApiError:
    message = (
        f"ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request:"
        f" {failure.message}"
    )
    error = errors.forbidden(
        call.resource, call.name, message, [errors.Cause("", failure.message, "")]
    )
    error.reason = failure.reason
    error.code = _CODES.get(failure.reason, HTTPStatus.UNPROCESSABLE_ENTITY)
    return error


def _selects(match: Mapping[str, Any], question: Question) -> bool:
    included = match.get("resourceRules")
    if included and not any(_rule_matches(rule, question) for rule in included):
        return False
    if any(_rule_matches(rule, question) for rule in match.get("excludeResourceRules") or ()):
        return False
    namespace = question.namespace or {"metadata": {}}
    subject = question.new or question.old or {"metadata": {}}
    return _labels_match(match.get("namespaceSelector"), namespace) and _labels_match(
        match.get("objectSelector"), subject
    )


def _rule_matches(rule: Mapping[str, Any], question: Question) -> bool:
    resource: Resource = question.call.resource
    subresource = question.call.subresource
    path = f"{resource.plural}/{subresource}" if subresource else resource.plural
    accepted = {path, "*/*"}
    accepted |= {f"{resource.plural}/*", f"*/{subresource}"} if subresource else {"*"}
    return (
        _listed(rule.get("apiGroups"), {resource.group, "*"})
        and _listed(rule.get("apiVersions"), {resource.version, "*"})
        and _listed(rule.get("operations"), {question.operation, "*"})
        and _listed(rule.get("resources"), accepted)
        and (not rule.get("resourceNames") or question.call.name in rule["resourceNames"])
    )


def _listed(values: Sequence[str] | None, accepted: set[str]) -> bool:
    return bool(accepted.intersection(values or ()))


def _labels_match(selector: Mapping[str, Any] | None, value: Object) -> bool:
    if not selector:
        return True
    labels = value["metadata"].get("labels") or {}
    if any(labels.get(key) != item for key, item in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression_matches(item, labels) for item in selector.get("matchExpressions") or ())


def _expression_matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    outcomes = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return outcomes[expression["operator"]]
