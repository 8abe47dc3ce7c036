"""Describes the resources as OpenAPI, as far as kubectl needs it to apply, explain and edit."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from podbook_cluster.apiserver.schema import builtin_schemas
from podbook_cluster.apiserver.serve.discovery import VERSION
from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms.errors import no_such_path
from podbook_cluster.apiserver.terms.go_json import encode
from podbook_cluster.apiserver.terms.resources import Resource

_PARAMETERS: Final = [
    {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    for name in ("dryRun", "fieldManager", "fieldValidation", "force")
]

OLD_FORM: Final = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
"""The media type of `old_document`, the only one in which kubectl reads it."""


def index(catalog: Catalog) -> Object:
    """Return the answer to `/openapi/v3`: one document per group and version."""
    paths = {}
    for path in sorted({_path(resource) for resource in catalog}):
        digest = hashlib.sha256(encode(document(catalog, path))).hexdigest()[:32].upper()
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


def document(catalog: Catalog, path: str) -> Object:
    """Return the answer to `/openapi/v3/apis/GROUP/VERSION`."""
    served = [resource for resource in catalog if _path(resource) == path]
    if not served:
        raise no_such_path(f"/openapi/v3/{path}")
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": _paths(served),
        "components": {
            "schemas": {
                **builtin_schemas.SHARED,
                **{_reference(resource): _schema(resource) for resource in served},
            }
        },
    }


def old_document() -> bytes:
    """Return the answer to `/openapi/v2`: a document that describes nothing.

    kubectl checks a `kind: List` against it before it sends the items one by one. What is not in
    there it leaves to the server, which checks every item.
    """
    info = _field(1, b"Kubernetes") + _field(2, str(VERSION["gitVersion"]).encode())
    return _field(1, b"2.0") + _field(2, info)


def _field(number: int, value: bytes) -> bytes:
    """Return a protobuf field of less than 128 bytes."""
    return bytes((number << 3 | 2, len(value))) + value


def _path(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def _reference(resource: Resource) -> str:
    domain = ".".join(reversed(resource.group.split("."))) or "io.k8s.api.core"
    return f"{domain}.{resource.version}.{resource.kind}"


def _schema(resource: Resource) -> Object:
    declared = dict(resource.schema or builtin_schemas.of_kind(resource.kind))
    properties = dict(declared.get("properties") or {})
    properties |= builtin_schemas.TYPE_META
    properties["metadata"] = builtin_schemas.METADATA
    return {
        "type": "object",
        **declared,
        "properties": properties,
        "x-kubernetes-group-version-kind": [_kind(resource)],
    }


def _kind(resource: Resource) -> Object:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(served: Iterable[Resource]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for resource in served:
        base = f"/{_path(resource)}"
        if resource.namespaced:
            base += "/namespaces/{namespace}"
        base += f"/{resource.plural}"
        paths[base] = {
            "get": _operation(resource, "list"),
            "post": _operation(resource, "post"),
        }
        if not resource.is_stored:
            continue
        verbs = ("get", "put", "patch", "delete")
        paths[base + "/{name}"] = {verb: _operation(resource, verb) for verb in verbs}
        if resource.has_status:
            paths[base + "/{name}/status"] = {
                verb: _operation(resource, verb) for verb in ("get", "put", "patch")
            }
    return paths


def _operation(resource: Resource, action: str) -> Object:
    schema = {"$ref": f"#/components/schemas/{_reference(resource)}"}
    return {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _kind(resource),
        "parameters": _PARAMETERS,
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": schema}}}
        },
    }
