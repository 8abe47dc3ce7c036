"""What every object's `metadata` must look like, and which of its fields only the server sets."""

import secrets
from typing import Any, Final
from uuid import uuid4

from podbook_cluster.apiserver.schema import structural
from podbook_cluster.apiserver.schema.builtin_schemas import OBJECT_META, of_kind
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms import clock, identifiers
from podbook_cluster.apiserver.terms.errors import Cause, bad_request, invalid
from podbook_cluster.apiserver.terms.resources import Resource

_ANNOTATIONS_LIMIT_BYTES: Final = 256 * 1024

_SUFFIX_LENGTH: Final = 5
_SUFFIX_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"

# Set by the server alone; what a client sends here is replaced by what stands there.
SERVER_OWNED: Final = (
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
)
_DROPPED_WHEN_EMPTY: Final = ("labels", "annotations", "finalizers", "ownerReferences")

# Names of RBAC objects may hold colons, those of namespaces no dots.
_PATH_NAMED: Final = frozenset({"roles", "rolebindings", "clusterroles", "clusterrolebindings"})


def check_identity(resource: Resource, namespace: str, value: Any) -> None:
    """Raise an ApiError (400) where a body is not an object of this resource and namespace."""
    if not isinstance(value, dict):
        raise bad_request("the body is not an object")
    _check_kind(resource, value)
    if value.get("metadata") is None:
        value["metadata"] = {}
    given = value["metadata"]
    known = {} if resource.is_custom else of_kind(resource.kind).get("properties") or {}
    schema = {"type": "object", "properties": {**known, "metadata": OBJECT_META}}
    check_types(resource.kind, schema, value)
    if namespace and given.get("namespace") not in (None, "", namespace):
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def check_types(kind: str, schema: structural.Schema, value: Any) -> None:
    """Raise an ApiError (400) where a field is of another type than the schema says."""
    # Nulls are left out when a real API server reads a built-in kind.
    structural.default(schema, value)
    for cause in structural.validate(schema, value):
        if cause.reason == structural.WRONG_TYPE:
            raise bad_request(
                f"the object provided cannot be handled as a {kind}: {cause.field}: {cause.message}"
            )


def _check_kind(resource: Resource, value: Object) -> None:
    # The built-in kinds are known from the URL; a custom resource has to say what it is.
    default = "" if resource.is_custom else None
    version, kind = value.get("apiVersion", default), value.get("kind", default)
    if version not in (None, resource.api_version):
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version"
            f" ({resource.api_version})"
        )
    if kind in (None, resource.kind):
        return
    if not kind or not resource.is_custom:
        raise bad_request(
            f"the object provided is unrecognized (must be of type {resource.kind}): its kind is"
            f" {kind!r}"
        )
    name = str((value.get("metadata") or {}).get("name", ""))
    cause = Cause("kind", f'Invalid value: "{kind}": must be {resource.kind}')
    raise invalid(resource, name, [cause])


def initialise(resource: Resource, namespace: str, value: Object) -> Object:
    """Return a new object with the fields that the server sets, its kind first."""
    given = value["metadata"]
    for field in (*SERVER_OWNED, "resourceVersion", "managedFields"):
        given.pop(field, None)
    if not given.get("name") and given.get("generateName"):
        given["name"] = given["generateName"] + _suffix()
    given["uid"] = str(uuid4())
    given["creationTimestamp"] = clock.timestamp()
    if resource.is_custom or resource.has_status:
        given["generation"] = 1
    if resource.namespaced:
        given["namespace"] = namespace
    else:
        given.pop("namespace", None)
    return tidy(resource, value)


def tidy(resource: Resource, value: Object) -> Object:
    """Return the object with kind and metadata first, and without empty maps in its metadata."""
    given = value["metadata"]
    given.pop("managedFields", None)
    for field in _DROPPED_WHEN_EMPTY:
        if field in given and not given[field]:
            del given[field]
    rest = {key: value[key] for key in value if key not in ("apiVersion", "kind", "metadata")}
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": given,
        **rest,
    }


def keep_server_owned(old: Object, new: Object) -> None:
    """Put back into `new` what a client can't change."""
    before, after = old["metadata"], new["metadata"]
    for field in (*SERVER_OWNED, "name", "namespace"):
        if field in before:
            after[field] = before[field]
        else:
            after.pop(field, None)


def problems(resource: Resource, value: Object) -> list[Cause]:
    """Return what is wrong with an object's metadata."""
    given = value["metadata"]
    found = _name_problems(resource, given.get("name", ""))
    for field in ("labels", "annotations"):
        found += _map_problems(field, given.get(field) or {})
    for index, owner in enumerate(given.get("ownerReferences") or ()):
        found += [
            Cause(
                f"metadata.ownerReferences[{index}].{field}", "Required value", "FieldValueRequired"
            )
            for field in ("apiVersion", "kind", "name", "uid")
            if not owner.get(field)
        ]
    return found


def _name_problems(resource: Resource, name: Any) -> list[Cause]:
    path = "metadata.name"
    if not isinstance(name, str) or not name:
        return [
            Cause(path, "Required value: name or generateName is required", "FieldValueRequired")
        ]
    if resource.plural in _PATH_NAMED:
        fits = identifiers.is_path_segment(name)
    elif resource.plural == "namespaces":
        fits = identifiers.is_dns_label(name)
    else:
        fits = identifiers.is_subdomain(name)
    if fits:
        return []
    return [
        Cause(
            path,
            f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case'
            " alphanumeric characters, '-' or '.', and must start and end with an alphanumeric"
            " character",
        )
    ]


def _map_problems(field: str, entries: Any) -> list[Cause]:
    path = f"metadata.{field}"
    if not isinstance(entries, dict):
        return [Cause(path, "Invalid value: must be an object of strings")]
    found = []
    for key, value in entries.items():
        # Annotations may have capitals in their domain.
        shown = key.lower() if field == "annotations" else key
        if not identifiers.is_qualified_name(shown):
            found.append(Cause(path, f'Invalid value: "{key}": not a qualified name'))
        if not isinstance(value, str):
            found.append(Cause(path, f"Invalid value: {value!r}: must be a string"))
        elif field == "labels" and not identifiers.is_label_value(value):
            found.append(
                Cause(
                    path,
                    f'Invalid value: "{value}": a valid label must be at most 63'
                    " letters, digits, '-', '_' or '.'",
                )
            )
    if field == "annotations" and not found:
        size = sum(len(key) + len(value) for key, value in entries.items())
        if size > _ANNOTATIONS_LIMIT_BYTES:
            found.append(
                Cause(path, "Too long: may not be more than 262144 bytes", "FieldValueTooLong")
            )
    return found


def _suffix() -> str:
    return "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(_SUFFIX_LENGTH))
