"""Writes objects, lists and events in the form that the client asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from podbook_cluster.apiserver.read import tables
from podbook_cluster.apiserver.storage.records import Object, Record
from podbook_cluster.apiserver.terms.errors import not_acceptable
from podbook_cluster.apiserver.terms.go_json import encode
from podbook_cluster.apiserver.terms.resources import Resource
from podbook_cluster.apiserver.write import events

Form = Literal["Object", "Table", "PartialObjectMetadata"]


@dataclass(frozen=True, slots=True)
class Representation:
    """A form, for one resource."""

    resource: Resource
    form: Form = "Object"
    include: tables.IncludeObject = "Metadata"

    def of_object(self, record: Record, *, with_columns: bool = True) -> bytes:
        """Return one object."""
        if self.form == "Object" and self.resource.alias_of is None:
            return record.body
        value = self._shown(record)
        if self.form == "Object":
            return encode(value)
        if self.form == "PartialObjectMetadata":
            return encode(tables.partial(value))
        return encode(
            tables.table(
                self.resource,
                [value],
                {"resourceVersion": str(record.revision)},
                include=self.include,
                with_columns=with_columns,
            )
        )

    def of_list(self, records: Sequence[Record], metadata: Object) -> bytes:
        """Return a list of objects."""
        if self.form == "Table":
            values = (self._shown(record) for record in records)
            return encode(tables.table(self.resource, values, metadata, include=self.include))
        if self.form == "PartialObjectMetadata":
            bodies = [encode(tables.partial(record.decode())) for record in records]
            kind, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
        else:
            bodies = [self.of_object(record) for record in records]
            kind = self.resource.list_kind or f"{self.resource.kind}List"
            version = self.resource.api_version
        return b'{"kind":"%b","apiVersion":"%b","metadata":%b,"items":[%b]}' % (
            kind.encode(),
            version.encode(),
            encode(metadata),
            b",".join(bodies),
        )

    def _shown(self, record: Record) -> Object:
        value = record.decode()
        # Tables are laid out from the core names.
        if self.resource.alias_of is None or self.form == "Table":
            return value
        return events.from_core(value)

    def bookmark(self, revision: int, *, ends_initial_events: bool = False) -> bytes:
        """Return the object of a BOOKMARK event: nothing but a resourceVersion."""
        metadata: Object = {"resourceVersion": str(revision), "creationTimestamp": None}
        if ends_initial_events:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        if self.form == "Table":
            return encode(
                tables.table(self.resource, [], metadata, include="None", with_columns=False)
            )
        if self.form == "PartialObjectMetadata":
            return encode(tables.partial({"metadata": metadata}))
        kind, version = self.resource.kind, self.resource.api_version
        return encode({"kind": kind, "apiVersion": version, "metadata": metadata})


def choose(resource: Resource, accept: str, include: str) -> Representation:
    """Return the first form of an Accept header that this server writes.

    Raises:
        ApiError: 406 where there is none.

    """
    for item in (accept or "*/*").split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        if media_type not in ("application/json", "application/*", "*/*"):
            continue
        options = dict(part.split("=", 1) for part in parameters if "=" in part)
        kind = options.get("as", "")
        if kind == "Table":
            return Representation(resource, "Table", _include(include))
        if kind in ("PartialObjectMetadata", "PartialObjectMetadataList"):
            return Representation(resource, "PartialObjectMetadata")
        if not kind:
            return Representation(resource)
    raise not_acceptable(
        "only the following media types are accepted: application/json;"
        " this server writes neither protobuf nor CBOR nor YAML"
    )


def warning(text: str) -> str:
    """Return the value of a Warning header, which clients show to people."""
    quoted = "".join(letter if letter.isprintable() else " " for letter in text)
    quoted = quoted.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'


def _include(text: str) -> tables.IncludeObject:
    if text == "None":
        return "None"
    return "Object" if text == "Object" else "Metadata"
