"""What differs from kind to kind when an object is created, changed or deleted."""

from collections.abc import Callable
from typing import Final

from podbook_cluster.apiserver.schema import (
    builtin_schemas,
    definitions,
    policies,
    rules,
    structural,
)
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms import clock, errors
from podbook_cluster.apiserver.terms.calls import Call
from podbook_cluster.apiserver.terms.errors import Cause
from podbook_cluster.apiserver.terms.resources import (
    CONFIG_MAPS,
    CUSTOM_RESOURCE_DEFINITIONS,
    EVENTS,
    NAMESPACES,
    PODS,
    POLICIES,
    SECRETS,
    Resource,
)
from podbook_cluster.apiserver.write import config_data, events, pods

PERMANENT_NAMESPACES: Final = ("default", "kube-system")


def prepare_create(resource: Resource, value: Object) -> None:
    """Set what a new object starts with; a client has no say in its status."""
    if resource.has_status:
        value.pop("status", None)
    if resource is PODS:
        pods.default(value)
        value["status"] = pods.initial_status(value)
    elif resource is NAMESPACES:
        value["spec"] = {"finalizers": ["kubernetes"]}
        value["status"] = {"phase": "Active"}
        labels = value["metadata"].setdefault("labels", {})
        labels["kubernetes.io/metadata.name"] = value["metadata"].get("name", "")
    elif resource is SECRETS:
        value["type"] = value.get("type") or "Opaque"


def combine(call: Call, old: Object, new: Object) -> Object:
    """Return what a write may change: the status through `/status`, all else elsewhere."""
    if call.subresource == "status":
        combined = dict(old)
        combined.pop("status", None)
        if new.get("status") is not None:
            combined["status"] = new["status"]
        return combined
    if call.resource.has_status and call.subresource == "":
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]
    return new


def conform(call: Call, value: Object, old: Object | None) -> list[Cause]:
    """Default an object in place; return what breaks the rules of its kind."""
    if call.resource.schema is not None:
        return _conform_to_schema(call, call.resource.schema, value, old)
    schema = builtin_schemas.of_kind(call.resource.kind)
    found = list(structural.validate(schema, value))
    check = _CHECKS.get(call.resource)
    return found or (check(call, value, old) if check else [])


def _check_definition(_call: Call, value: Object, _old: Object | None) -> list[Cause]:
    found = definitions.problems(value)
    if not found:
        value["status"] = definitions.established(value)
    return found


def _check_policy(_call: Call, value: Object, _old: Object | None) -> list[Cause]:
    return policies.problems(value)


def _check_secret(_call: Call, value: Object, _old: Object | None) -> list[Cause]:
    config_data.encode_text(value)
    return config_data.secret_problems(value)


def _check_config_map(_call: Call, value: Object, _old: Object | None) -> list[Cause]:
    return config_data.config_map_problems(value)


def _check_event(_call: Call, value: Object, old: Object | None) -> list[Cause]:
    return events.problems(value) if old is None else []


def _check_pod(call: Call, value: Object, old: Object | None) -> list[Cause]:
    if call.subresource:
        return []
    pods.default(value)
    return pods.problems(value) or (pods.update_problems(old, value) if old else [])


_CHECKS: Final[dict[Resource, Callable[[Call, Object, Object | None], list[Cause]]]] = {
    CUSTOM_RESOURCE_DEFINITIONS: _check_definition,
    POLICIES: _check_policy,
    EVENTS: _check_event,
    SECRETS: _check_secret,
    CONFIG_MAPS: _check_config_map,
    PODS: _check_pod,
}


def _conform_to_schema(
    call: Call, schema: structural.Schema, value: Object, old: Object | None
) -> list[Cause]:
    unknown = structural.prune(schema, value)
    if unknown and call.strictness != "Ignore":
        text = ", ".join(f'unknown field "{path}"' for path in unknown)
        if call.strictness == "Strict":
            raise errors.bad_request(
                f'{call.resource.kind} in version "{call.resource.version}" cannot be handled as a'
                f" {call.resource.kind}: strict decoding error: {text}"
            )
        call.warnings.append(text)
    structural.default(schema, value)
    found = [
        cause
        for cause in structural.validate(schema, value)
        if not cause.field.startswith("metadata")
    ]
    if found:
        return found + rules.unchecked(schema)
    before = rules.ABSENT if old is None else old
    return list(rules.validate(schema, value, before))


def is_new_generation(resource: Resource, old: Object, new: Object) -> bool:
    """Return whether a change is one of what is wanted, not of what is observed."""
    if not resource.is_custom and not resource.has_status:
        return False
    return _intent(old) != _intent(new)


def _intent(value: Object) -> Object:
    return {key: item for key, item in value.items() if key not in ("metadata", "status")}


def check_deletable(call: Call) -> None:
    """Raise an ApiError (403) for what the server can't do without."""
    if call.resource is NAMESPACES and call.name in PERMANENT_NAMESPACES:
        raise errors.forbidden(NAMESPACES, call.name, "this namespace may not be deleted")


def begin_deletion(resource: Resource, value: Object, grace_seconds: int | None) -> bool:
    """Mark an object as being deleted, in place; return whether that changed it."""
    metadata = value["metadata"]
    if resource is PODS:
        changed = pods.begin_deletion(value, pods.grace_seconds(value, grace_seconds))
    elif metadata.get("deletionTimestamp"):
        changed = False
    elif resource is CUSTOM_RESOURCE_DEFINITIONS:
        metadata["deletionTimestamp"] = clock.timestamp()
        metadata["finalizers"] = [*metadata.get("finalizers", ()), definitions.FINALIZER]
        changed = True
    else:
        metadata["deletionTimestamp"] = clock.timestamp()
        if resource is not NAMESPACES:
            metadata["deletionGracePeriodSeconds"] = 0
        changed = True
    if resource is NAMESPACES:
        value["status"]["phase"] = "Terminating"
    if changed and "generation" in metadata:
        metadata["generation"] += 1
    return changed


def is_released(resource: Resource, value: Object) -> bool:
    """Return whether an object is being deleted and nothing holds it."""
    metadata = value["metadata"]
    if not metadata.get("deletionTimestamp") or metadata.get("finalizers"):
        return False
    if resource is NAMESPACES and value.get("spec", {}).get("finalizers"):
        return False
    return not metadata.get("deletionGracePeriodSeconds")
