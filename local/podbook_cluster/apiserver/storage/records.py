"""An object as the store holds it: its JSON text, and what lists and watches ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from podbook_cluster.apiserver.terms import go_json
from podbook_cluster.apiserver.terms.resources import Resource

Key = tuple[str, str]
"""Namespace ("" for cluster-wide kinds) and name."""

Object = dict[str, Any]
ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class Record:
    """One revision of one object."""

    resource: str
    namespace: str
    name: str
    uid: str
    revision: int
    body: bytes
    labels: Mapping[str, str]
    fields: Mapping[str, str]
    owners: tuple[str, ...]

    @property
    def key(self) -> Key:
        """Where it stands among the objects of its resource."""
        return (self.namespace, self.name)

    def decode(self) -> Object:
        """Return the object, a copy that the caller may change."""
        value: Object = orjson.loads(self.body)
        return value


@dataclass(frozen=True, slots=True)
class Change:
    """One write: what a watcher is told and a journal keeps."""

    type: ChangeType
    record: Record
    previous: Record | None

    @property
    def revision(self) -> int:
        """The resourceVersion that this write made."""
        return self.record.revision


def of_object(resource: Resource, value: Object, revision: int) -> Record:
    """Return the record of an object, with `revision` written into it."""
    metadata = value["metadata"]
    metadata["resourceVersion"] = str(revision)
    return _record(resource, value, revision, go_json.encode(value))


def of_body(resource: Resource, body: bytes, revision: int) -> Record:
    """Return the record of an object's stored text."""
    return _record(resource, orjson.loads(body), revision, body)


def at_revision(record: Record, revision: int) -> Record:
    """Return the same object as of another revision, as a DELETED event shows it."""
    value = record.decode()
    value["metadata"]["resourceVersion"] = str(revision)
    return Record(
        record.resource,
        record.namespace,
        record.name,
        record.uid,
        revision,
        go_json.encode(value),
        record.labels,
        record.fields,
        record.owners,
    )


def _record(resource: Resource, value: Object, revision: int, body: bytes) -> Record:
    metadata = value["metadata"]
    namespace = metadata.get("namespace", "")
    fields = {"metadata.name": metadata["name"], "metadata.namespace": namespace}
    for path in resource.fields:
        fields[path] = _field(value, path)
    return Record(
        resource.stored.qualified,
        namespace,
        metadata["name"],
        metadata["uid"],
        revision,
        body,
        metadata.get("labels") or {},
        fields,
        tuple(owner["uid"] for owner in metadata.get("ownerReferences") or ()),
    )


def _field(value: Any, path: str) -> str:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return str(value.get("component", ""))
    return str(value)
