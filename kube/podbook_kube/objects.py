"""Objects of the Kubernetes API as JSON, and where each kind of them is found."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

# An object, a list, a Status, an event: JSON as it is on the wire.
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object: how its paths begin (`/api/v1`, `/apis/GROUP/VERSION`), its plural."""

    prefix: str
    plural: str

    def path(self, namespace: str | None, name: str | None = None, *more: str) -> str:
        """Return the path of one object, of all in a namespace, or of all (None, None)."""
        parts = [self.prefix]
        if namespace is not None:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name is not None:
            parts.append(quote(name, safe=""))
        return "/".join([*parts, *more])
