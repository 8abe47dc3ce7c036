"""Lays objects out in the columns that `kubectl get` shows."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal

from podbook_cluster.apiserver.read import pod_rows
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms import clock, json_paths
from podbook_cluster.apiserver.terms.resources import Column, Resource

IncludeObject = Literal["None", "Metadata", "Object"]

Cell = Callable[[Object], Any]

_NAME: Final = Column("Name", ".metadata.name", description="Name must be unique.")
_AGE: Final = Column("Age", ".metadata.creationTimestamp", "date")
_UNKNOWN: Final = "<unknown>"


def table(
    resource: Resource,
    objects: Iterable[Object],
    metadata: Object,
    *,
    include: IncludeObject,
    with_columns: bool = True,
) -> Object:
    """Return a `Table` of the objects."""
    cells = _cells(resource)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [_definition(column) for column, _ in cells] if with_columns else [],
        "rows": [_row(value, cells, include) for value in objects],
    }


def partial(value: Object, kind: str = "PartialObjectMetadata") -> Object:
    """Return an object without all but its metadata."""
    return {"kind": kind, "apiVersion": "meta.k8s.io/v1", "metadata": value["metadata"]}


def _definition(column: Column) -> Object:
    return {
        "name": column.name,
        "type": column.type,
        "format": "name" if column is _NAME else "",
        "description": column.description,
        "priority": column.priority,
    }


def _row(value: Object, cells: Sequence[tuple[Column, Cell]], include: IncludeObject) -> Object:
    shown = {"None": None, "Metadata": partial(value), "Object": value}[include]
    return {
        "cells": [cell(value) for _, cell in cells],
        **({"object": shown} if shown is not None else {}),
    }


def _cells(resource: Resource) -> Sequence[tuple[Column, Cell]]:
    if resource.columns is not None:
        return [(_NAME, _by_path(_NAME)), *((item, _by_path(item)) for item in resource.columns)]
    return _BUILT_IN.get(resource.plural, _DEFAULT)


def _by_path(column: Column) -> Cell:
    def cell(value: Object) -> Any:
        found = json_paths.find(column.path, value)
        if column.type == "date":
            return _age(found)
        if column.type == "string" and found is not None:
            return _text(found)
        return found

    return cell


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _age(moment: Any) -> str:
    if not isinstance(moment, str):
        return _UNKNOWN
    try:
        return clock.spell_duration((clock.now() - clock.parse(moment)).total_seconds())
    except ValueError:
        return _UNKNOWN


def _event_object(event: Object) -> str:
    involved = event.get("involvedObject") or {}
    return f"{str(involved.get('kind', '')).lower()}/{involved.get('name', '')}"


def _last_seen(event: Object) -> str:
    series = event.get("series") or {}
    return _age(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
    )


def _size(field: str) -> Cell:
    return lambda value: len(value.get(field) or ())


def _path(path: str, *, missing: str = "<none>") -> Cell:
    def cell(value: Object) -> Any:
        found = json_paths.find(path, value)
        return missing if found in (None, "") else found

    return cell


def _validations(policy: Object) -> int:
    return len((policy.get("spec") or {}).get("validations") or ())


def _role(binding: Object) -> str:
    role = binding["roleRef"]
    return f"{role['kind']}/{role['name']}"


def _subjects(kind: str) -> Cell:
    def cell(binding: Object) -> str:
        return ", ".join(
            "/".join(filter(None, (item.get("namespace"), item["name"])))
            for item in binding.get("subjects") or ()
            if item["kind"] == kind
        )

    return cell


def _column(name: str, cell: Cell, kind: str = "string", priority: int = 0) -> tuple[Column, Cell]:
    return Column(name, "", kind, priority), cell


_NAME_CELL: Final = (_NAME, _by_path(_NAME))
_AGE_CELL: Final = (_AGE, _by_path(_AGE))
_DEFAULT: Final = (_NAME_CELL, _AGE_CELL)
_CREATED_CELL: Final = _column("Created At", _path(".metadata.creationTimestamp"))
_BINDING: Final = (
    _NAME_CELL,
    _column("Role", _role),
    _AGE_CELL,
    _column("Users", _subjects("User"), priority=1),
    _column("Groups", _subjects("Group"), priority=1),
    _column("ServiceAccounts", _subjects("ServiceAccount"), priority=1),
)
_BUILT_IN: Final[dict[str, Sequence[tuple[Column, Cell]]]] = {
    "namespaces": (_NAME_CELL, _column("Status", _path(".status.phase")), _AGE_CELL),
    "pods": (
        _NAME_CELL,
        _column("Ready", pod_rows.ready),
        _column("Status", pod_rows.status),
        _column("Restarts", pod_rows.restarts),
        _AGE_CELL,
        _column("IP", _path(".status.podIP"), priority=1),
        _column("Node", _path(".spec.nodeName"), priority=1),
        _column("Nominated Node", _path(".status.nominatedNodeName"), priority=1),
        _column("Readiness Gates", _path(".spec.readinessGates"), priority=1),
    ),
    "events": (
        _column("Last Seen", _last_seen),
        _column("Type", _path(".type", missing="")),
        _column("Reason", _path(".reason", missing="")),
        _column("Object", _event_object),
        _column("Source", _path(".source.component", missing=""), priority=1),
        _column("Message", _path(".message", missing="")),
        _column("Count", _path(".count", missing="1"), priority=1),
        _column("Name", _path(".metadata.name"), priority=1),
    ),
    "configmaps": (_NAME_CELL, _column("Data", _size("data"), "integer"), _AGE_CELL),
    "secrets": (
        _NAME_CELL,
        _column("Type", _path(".type")),
        _column("Data", _size("data"), "integer"),
        _AGE_CELL,
    ),
    "serviceaccounts": (_NAME_CELL, _column("Secrets", _size("secrets"), "integer"), _AGE_CELL),
    "leases": (_NAME_CELL, _column("Holder", _path(".spec.holderIdentity", missing="")), _AGE_CELL),
    "controllerrevisions": (
        _NAME_CELL,
        _column("Revision", _path(".revision"), "integer"),
        _AGE_CELL,
    ),
    "customresourcedefinitions": (_NAME_CELL, _CREATED_CELL),
    "roles": (_NAME_CELL, _CREATED_CELL),
    "clusterroles": (_NAME_CELL, _CREATED_CELL),
    "rolebindings": _BINDING,
    "clusterrolebindings": _BINDING,
    "validatingadmissionpolicies": (
        _NAME_CELL,
        _column("Validations", _validations, "integer"),
        _column("ParamKind", _path(".spec.paramKind.kind", missing="<unset>")),
        _AGE_CELL,
    ),
    "validatingadmissionpolicybindings": (
        _NAME_CELL,
        _column("PolicyName", _path(".spec.policyName")),
        _column("ParamRef", _path(".spec.paramRef.name", missing="<unset>")),
        _AGE_CELL,
    ),
}
