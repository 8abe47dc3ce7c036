"""Shows the events of the core group as those of events.k8s.io, and takes those; checks both."""

from typing import Final

from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms.errors import Cause

# What events.k8s.io calls it -> what the core group, and the store, call it.
_NAMES: Final = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_CORE_NAMES: Final = {core: name for name, core in _NAMES.items()}

_TYPES: Final = ("Normal", "Warning")
_SHORT: Final = 128
_NOTE_LIMIT: Final = 1024
# Where events of cluster-wide objects go.
_CLUSTER_NAMESPACES: Final = ("default", "kube-system")


def to_core(value: Object) -> Object:
    """Return an events.k8s.io event as the store holds it."""
    renamed = {_NAMES.get(key, key): item for key, item in value.items()}
    renamed.pop("apiVersion", None)
    return renamed


def from_core(value: Object) -> Object:
    """Return a stored event as events.k8s.io shows it."""
    renamed = {_CORE_NAMES.get(key, key): item for key, item in value.items()}
    return {**renamed, "apiVersion": "events.k8s.io/v1"}


def problems(event: Object) -> list[Cause]:
    """Return what is wrong with an event, under its core names."""
    found = []
    named = (event.get("involvedObject") or {}).get("namespace") or ""
    namespace = event["metadata"].get("namespace")
    is_new = event.get("eventTime") is not None
    if (not named and namespace not in _CLUSTER_NAMESPACES) or (
        named not in ("", namespace) and not is_new
    ):
        message = f'Invalid value: "{named}": does not match event.namespace'
        found.append(Cause("involvedObject.namespace", message))
    if not is_new:
        return found
    for field in ("reportingComponent", "reportingInstance", "action", "reason"):
        text = event.get(field) or ""
        if not text:
            found.append(Cause(field, "Required value", "FieldValueRequired"))
        elif len(text) > _SHORT:
            found.append(Cause(field, f"Invalid value: can have at most {_SHORT} characters"))
    if event.get("type") not in _TYPES:
        found.append(Cause("type", "Invalid value: has invalid value: must be Normal or Warning"))
    if len(event.get("message") or "") > _NOTE_LIMIT:
        found.append(Cause("message", f"Invalid value: can have at most {_NOTE_LIMIT} characters"))
    return found
