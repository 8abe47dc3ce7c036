"""Makes a served resource of a CustomResourceDefinition."""

import re
from collections.abc import Iterator
from typing import Any, Final

from podbook_cluster.apiserver.schema import rules
from podbook_cluster.apiserver.schema.structural import LIST_KEYS, LIST_TYPE, WRONG_TYPE
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms import clock
from podbook_cluster.apiserver.terms.errors import Cause
from podbook_cluster.apiserver.terms.resources import Column, Resource

FINALIZER: Final = "customresourcecleanup.apiextensions.k8s.io"
"""Holds a definition that is being deleted until its objects are gone."""

# The API has no more of these per version.
_SELECTABLE_LIMIT: Final = 8


def problems(definition: Object) -> list[Cause]:
    """Return what keeps a definition from being served."""
    spec = definition.get("spec") or {}
    names = spec.get("names") or {}
    found = [
        Cause(f"spec.{field}", "Required value", "FieldValueRequired")
        for field, value in (
            ("group", spec.get("group")),
            ("names.plural", names.get("plural")),
            ("names.kind", names.get("kind")),
            ("scope", spec.get("scope")),
            ("versions", spec.get("versions")),
        )
        if not value
    ]
    if found:
        return found
    expected = f"{names['plural']}.{spec['group']}"
    if definition["metadata"].get("name") != expected:
        found.append(Cause("metadata.name", f'Invalid value: must be "{expected}"'))
    if len(spec["versions"]) != 1:
        found.append(
            Cause("spec.versions", "Unsupported value: this server serves one version of a CRD")
        )
        return found
    return found + _version_problems(spec["versions"][0])


def _version_problems(version: Object) -> list[Cause]:
    path = "spec.versions[0]"
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    if not schema:
        return [Cause(f"{path}.schema.openAPIV3Schema", "Required value", "FieldValueRequired")]
    place = f"{path}.schema.openAPIV3Schema"
    found = list(_malformed(schema, place)) or list(rules.broken(schema, place))
    if len(version.get("selectableFields") or ()) > _SELECTABLE_LIMIT:
        found.append(
            Cause(f"{path}.selectableFields", f"Too many: at most {_SELECTABLE_LIMIT} are allowed")
        )
    return found


_TYPES_IN_SCHEMA: Final[dict[str, type | tuple[type, ...]]] = {
    "type": str,
    "properties": dict,
    "items": dict,
    "additionalProperties": (dict, bool),
    "required": list,
    "enum": list,
    "pattern": str,
    "format": str,
    "allOf": list,
    "anyOf": list,
    "oneOf": list,
    "not": dict,
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), (int, float)),
    **{f"{end}{what}": int for end in ("min", "max") for what in ("Length", "Items", "Properties")},
    rules.RULES: list,
    LIST_TYPE: str,
    LIST_KEYS: list,
}

_RULE_TEXTS: Final = ("message", "messageExpression", "fieldPath", "reason")


def _malformed(schema: Any, path: str) -> Iterator[Cause]:
    """Yield what in a schema could not be evaluated later."""
    if not isinstance(schema, dict):
        yield Cause(path, "Invalid value: must be an object", WRONG_TYPE)
        return
    for key, wanted in _TYPES_IN_SCHEMA.items():
        if key in schema and not isinstance(schema[key], wanted):
            yield Cause(f"{path}.{key}", f"Invalid value: {schema[key]!r}", WRONG_TYPE)
            return
    for index, rule in enumerate(schema.get(rules.RULES) or ()):
        if not isinstance(rule, dict) or not isinstance(rule.get("rule"), str):
            yield Cause(f"{path}.{rules.RULES}[{index}].rule", "Required value")
        elif not all(isinstance(text, str) for key, text in rule.items() if key in _RULE_TEXTS):
            yield Cause(f"{path}.{rules.RULES}[{index}]", "Invalid value: must hold texts")
    try:
        re.compile(schema.get("pattern", ""))
    except re.error as error:
        yield Cause(f"{path}.pattern", f"Invalid value: {error}")
    for name, inner in _inner_schemas(schema):
        yield from _malformed(inner, f"{path}.{name}")


def _inner_schemas(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, inner in (schema.get("properties") or {}).items():
        yield f"properties[{name}]", inner
    for name in ("items", "not", "additionalProperties"):
        if name in schema and not isinstance(schema[name], bool):
            yield name, schema[name]
    for name in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(name) or ()):
            yield f"{name}[{index}]", inner


def resource(definition: Object) -> Resource:
    """Return the resource that a definition without problems describes."""
    spec: dict[str, Any] = definition["spec"]
    names, version = spec["names"], spec["versions"][0]
    return Resource(
        spec["group"],
        version["name"],
        names["plural"],
        names["kind"],
        singular=names.get("singular") or names["kind"].lower(),
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        has_status="status" in (version.get("subresources") or {}),
        columns=_columns(version),
        fields=tuple(
            field["jsonPath"].removeprefix(".") for field in version.get("selectableFields") or ()
        ),
        schema=version["schema"]["openAPIV3Schema"],
        list_kind=names.get("listKind") or f"{names['kind']}List",
        unconditional_update=False,
    )


def _columns(version: Object) -> tuple[Column, ...]:
    columns = version.get("additionalPrinterColumns")
    if columns is None:
        return (Column("Age", ".metadata.creationTimestamp", "date"),)
    return tuple(
        Column(
            column["name"],
            column["jsonPath"],
            column["type"],
            column.get("priority", 0),
            column.get("description", ""),
        )
        for column in columns
    )


def established(definition: Object) -> Object:
    """Return the status of a definition that is being served, keeping an earlier one."""
    spec = definition["spec"]
    names = dict(spec["names"])
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    earlier = definition.get("status") or {}
    conditions = earlier.get("conditions") or [
        {
            "type": kind,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": clock.timestamp(),
        }
        for kind, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    return {
        "acceptedNames": names,
        "conditions": conditions,
        "storedVersions": [spec["versions"][0]["name"]],
    }
