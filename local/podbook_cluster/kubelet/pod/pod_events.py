"""Says what people have to know of a pod that does not start at once, or fails: as events.

A pod that starts at once and ends by itself has none, where a kubelet writes four: each is a write
that the run would wait for.
"""

from typing import Any, Final
from uuid import uuid4

from podbook_cluster.kubelet.client import Pod
from podbook_cluster.kubelet.container import records
from podbook_cluster.kubelet.pod.status import Running, State, Terminated, Verdict, Waiting

NORMAL: Final = "Normal"
WARNING: Final = "Warning"
_COMPONENT: Final = "kubelet"
# As a kubelet cuts them.
_MESSAGE_LIMIT: Final = 1024
# Waiting for this is no news.
_USUAL: Final = Waiting().reason


def of_container(
    pod: Pod, name: str, before: State, now: State, *, node: str
) -> dict[str, Any] | None:
    """Return what to tell of a change of a container's state, None where that is nothing."""
    said = _said(name, before, now)
    return said and event(pod, *said, node=node, container=name)


def of_verdict(pod: Pod, verdict: Verdict, *, node: str) -> dict[str, Any]:
    """Return what to tell of a pod that fails as a whole; a deadline is no fault of the node."""
    kind = NORMAL if verdict.reason == "DeadlineExceeded" else WARNING
    return event(pod, kind, verdict.reason, verdict.message, node=node)


def event(
    pod: Pod, kind: str, reason: str, message: str, *, node: str, container: str | None = None
) -> dict[str, Any]:
    """Return the event as a kubelet writes it."""
    meta, at = pod["metadata"], records.timestamp()
    about = {key: meta[key] for key in ("namespace", "name", "uid")}
    if container is not None:
        about["fieldPath"] = f"spec.containers{{{container}}}"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{meta['name'][:200]}.{uuid4().hex[:16]}",
            "namespace": meta["namespace"],
        },
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", **about},
        "type": kind,
        "reason": reason,
        "message": message[:_MESSAGE_LIMIT],
        "count": 1,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "source": {"component": _COMPONENT, "host": node},
        "reportingComponent": _COMPONENT,
        "reportingInstance": node,
    }


def _said(name: str, before: State, now: State) -> tuple[str, str, str] | None:
    match now:
        case Waiting(reason, message) if reason != _USUAL:
            return WARNING, "Failed", f"Error: {reason}: {message}"
        case Running() if isinstance(before, Waiting) and before.reason != _USUAL:
            return NORMAL, "Started", f"Started container {name}"
        case Terminated(reason="StartError", message=message):
            return WARNING, "Failed", f"Error: container {name} could not be started: {message}"
        case Terminated(reason="OOMKilled"):
            return WARNING, "OOMKilled", f"Container {name} used more memory than its limit"
    return None
