"""Makes a served resource of a CustomResourceDefinition."""

from typing import Any, Final

from podbook_local.apiserver import clock, rules
from podbook_local.apiserver.errors import Cause
from podbook_local.apiserver.records import Object
from podbook_local.apiserver.resources import Column, Resource

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
    if definition["metadata"]["name"] != expected:
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
    found = list(rules.broken(schema, f"{path}.schema.openAPIV3Schema"))
    if len(version.get("selectableFields") or ()) > _SELECTABLE_LIMIT:
        found.append(
            Cause(f"{path}.selectableFields", f"Too many: at most {_SELECTABLE_LIMIT} are allowed")
        )
    return found


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
