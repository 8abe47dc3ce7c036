"""What a complete list says of what was known before it: pure, from values to values."""

from collections.abc import Mapping, Set
from typing import TypeVar

from podbook_kube.objects import Object

K = TypeVar("K")


def version_of(item: Object) -> int:
    """Return the resourceVersion as a number, which Kubernetes 1.35 declares safe to compare."""
    return int(item["metadata"]["resourceVersion"])


def gone(known: Mapping[K, int], listed: Set[K], *, listed_at: int) -> list[K]:
    """Return the keys of what is gone by a list: known, and not in it.

    known are resourceVersions by key, listed_at is the list's own. A list is consistent, so what it
    lacks is gone, unless something newer is known: that was made, or written by this process,
    while the list was on its way.
    """
    return [key for key, at in known.items() if key not in listed and at <= listed_at]
