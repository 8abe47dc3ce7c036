"""Tells a client which resources there are."""

from collections.abc import Iterable
from typing import Any, Final

from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms.errors import no_such_path
from podbook_cluster.apiserver.terms.resources import Resource

# The API level that the server's behaviour was compared with; clients read it for features.
VERSION: Final = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.4+podbook",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "none",
    "compiler": "none",
    "platform": "podbook/embedded",
}

_OTHERS: Final = ("/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version")
_STATUS_VERBS: Final = ["get", "patch", "update"]
_SUBRESOURCES: Final[dict[str, dict[str, Any]]] = {
    "log": {"kind": "Pod", "verbs": ["get"]},
    "binding": {"kind": "Binding", "verbs": ["create"]},
    "token": {
        "group": "authentication.k8s.io",
        "version": "v1",
        "kind": "TokenRequest",
        "verbs": ["create"],
    },
    "finalize": {"kind": "Namespace", "verbs": ["update"]},
}


def document(catalog: Catalog, segments: list[str]) -> Object:
    """Return the answer to a path of at most group and version; ApiError (404) for others."""
    answer: Object | None = None
    match segments:
        case [""]:
            answer = _paths(catalog)
        case ["api"]:
            answer = _core_versions()
        case ["api", version]:
            answer = _resources(catalog, "", version)
        case ["apis"]:
            answer = _groups(catalog)
        case ["apis", name]:
            answer = _group_alone(catalog, name)
        case ["apis", name, version]:
            answer = _resources(catalog, name, version)
    if answer is None:
        raise no_such_path("/" + "/".join(segments))
    return answer


def _paths(catalog: Catalog) -> Object:
    groups = sorted({item.group for item in catalog if item.group})
    versions = sorted({f"/apis/{item.api_version}" for item in catalog if item.group})
    named = {"/api", "/api/v1", "/apis", *(f"/apis/{group}" for group in groups), *versions}
    return {"paths": sorted({*named, *_OTHERS})}


def _core_versions() -> Object:
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def _groups(catalog: Catalog) -> Object:
    named = sorted({resource.group for resource in catalog if resource.group})
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [_group(name, catalog) for name in named],
    }


def _group_alone(catalog: Catalog, name: str) -> Object | None:
    if not name or not any(resource.group == name for resource in catalog):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, catalog)}


def _group(name: str, catalog: Catalog) -> Object:
    versions = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for version in sorted({item.version for item in catalog if item.group == name})
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[-1]}


def _resources(catalog: Catalog, name: str, version: str) -> Object | None:
    served = [item for item in catalog if (item.group, item.version) == (name, version)]
    if not served:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": served[0].api_version,
        "resources": list(_entries(served)),
    }


def _entries(served: Iterable[Resource]) -> Iterable[Object]:
    for resource in sorted(served, key=lambda item: item.plural):
        yield {
            "name": resource.plural,
            "singularName": resource.singular or resource.kind.lower(),
            "namespaced": resource.namespaced,
            "kind": resource.kind,
            "verbs": list(resource.verbs),
            **({"shortNames": list(resource.short_names)} if resource.short_names else {}),
            **({"categories": list(resource.categories)} if resource.categories else {}),
        }
        for name in resource.subresources:
            yield {
                "name": f"{resource.plural}/{name}",
                "singularName": "",
                "namespaced": resource.namespaced,
                **_SUBRESOURCES[name],
            }
        if resource.has_status:
            yield {
                "name": f"{resource.plural}/status",
                "singularName": "",
                "namespaced": resource.namespaced,
                "kind": resource.kind,
                "verbs": _STATUS_VERBS,
            }
