"""Reads what a URL of the Kubernetes API names."""

from dataclasses import dataclass

from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.terms.errors import no_such_path
from podbook_cluster.apiserver.terms.resources import Resource


@dataclass(frozen=True, slots=True)
class Location:
    """A resource, or one object of it, or a part of that object."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def group_version(segments: list[str]) -> tuple[str, str, list[str]]:
    """Return group, version, and what follows, of a path below `/api` or `/apis`."""
    if segments[0] == "api":
        return "", segments[1] if len(segments) > 1 else "", segments[2:]
    _, group, version, *_ = *segments, "", ""
    return group, version, segments[3:]


def locate(catalog: Catalog, segments: list[str]) -> Location:
    """Return what a path names; ApiError (404) where this server has no such resource."""
    location = _find(catalog, segments)
    if location is None:
        raise no_such_path("/" + "/".join(segments))
    return location


def _find(catalog: Catalog, segments: list[str]) -> Location | None:
    group, version, rest = group_version(segments)
    match rest:
        case ["namespaces", namespace, plural, *below]:
            inner = catalog.find(group, version, plural)
            if inner is not None and inner.namespaced:
                return _below(inner, namespace, below)
    resource = catalog.find(group, version, rest[0])
    if resource is None or (resource.namespaced and len(rest) > 1):
        return None
    return _below(resource, "", rest[1:])


def _below(resource: Resource, namespace: str, rest: list[str]) -> Location | None:
    name, subresource, *beyond = *rest, "", ""
    known = ("", *resource.subresources, *(("status",) if resource.has_status else ()))
    if any(beyond) or subresource not in known:
        return None
    return Location(resource, namespace, name, subresource)
