"""Reads what a URL of the Kubernetes API names."""

from dataclasses import dataclass

from podbook_local.apiserver.errors import no_such_path
from podbook_local.apiserver.resources import Catalog, Resource


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
        return "", (segments + [""])[1], segments[2:]
    group, version = (segments + ["", ""])[1:3]
    return group, version, segments[3:]


def locate(catalog: Catalog, segments: list[str]) -> Location:
    """Return what a path names; ApiError (404) where this server has no such resource."""
    group, version, rest = group_version(segments)
    if rest[0] == "namespaces" and len(rest) > 2:
        inner = catalog.find(group, version, rest[2])
        if inner is not None and inner.namespaced:
            return _below(inner, rest[1], rest[3:])
    resource = catalog.find(group, version, rest[0])
    if resource is None:
        raise no_such_path()
    if resource.namespaced and len(rest) > 1:
        raise no_such_path()
    return _below(resource, "", rest[1:])


def _below(resource: Resource, namespace: str, rest: list[str]) -> Location:
    if len(rest) > 2:
        raise no_such_path()
    name, subresource = (rest + ["", ""])[:2]
    known = (*resource.subresources, *(("status",) if resource.has_status else ()))
    if subresource and subresource not in known:
        raise no_such_path()
    return Location(resource, namespace, name, subresource)
