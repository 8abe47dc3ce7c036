"""The resources that are served now."""

from collections.abc import Iterator

from podbook_cluster.apiserver.terms.resources import BUILT_IN, Resource


class Catalog:
    """The resources served now: the built-in ones and those of the CRDs."""

    def __init__(self) -> None:
        self._by_path = {(r.group, r.version, r.plural): r for r in BUILT_IN}

    def add(self, resource: Resource) -> None:
        """Serve `resource`, in place of an earlier version of it."""
        self._by_path[resource.group, resource.version, resource.plural] = resource

    def remove(self, resource: Resource) -> None:
        """Serve `resource` no longer."""
        self._by_path.pop((resource.group, resource.version, resource.plural), None)

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """Return what a URL names, or None."""
        return self._by_path.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return what a manifest's `apiVersion` and `kind` name, or None."""
        for resource in self:
            if resource.kind == kind and resource.api_version == api_version:
                return resource
        return None

    def qualified(self, name: str) -> Resource | None:
        """Return the resource of a name such as `pods` or `notebooks.podbook.dev`, or None."""
        for resource in self:
            if resource.qualified == name:
                return resource
        return None

    def __iter__(self) -> Iterator[Resource]:
        return iter(tuple(self._by_path.values()))
