"""One request as the rules see it, whatever its URL looked like."""

from dataclasses import dataclass, field, replace
from typing import Literal, Self

from podbook_cluster.apiserver.access.users import SERVER, User
from podbook_cluster.apiserver.storage.records import Key
from podbook_cluster.apiserver.terms.resources import Resource

Strictness = Literal["Ignore", "Warn", "Strict"]
Propagation = Literal["Background", "Foreground", "Orphan"]


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what; `warnings` are told to the client besides the answer."""

    user: User
    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    dry_run: bool = False
    strictness: Strictness = "Warn"
    warnings: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """Where the object stands."""
        return (self.namespace if self.resource.namespaced else "", self.name)

    def named(self, name: str) -> Self:
        """Return the same call for an object whose name is known by now."""
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How an object is to be deleted."""

    uid: str = ""
    resource_version: str = ""
    grace_seconds: int | None = None
    propagation: Propagation = "Background"
    dry_run: bool = False


def internal(resource: Resource, namespace: str, name: str) -> Call:
    """Return a call that the server makes itself."""
    return Call(SERVER, resource, namespace, name, strictness="Ignore")
