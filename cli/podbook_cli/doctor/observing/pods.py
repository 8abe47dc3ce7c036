"""Reads of pods, Deployments and quotas what keeps anything from starting."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from podbook_cli.doctor.seen import SeenPart, SeenPod, SeenQuota
from podbook_crds import names
from podbook_crds.resources import quantities

Object = Mapping[str, Any]

COMPONENT: Final = "app.kubernetes.io/component"
_VERSION: Final = "app.kubernetes.io/version"
# A container that is only being made says so, too.
_PASSING: Final = {"ContainerCreating", "PodInitializing"}


def waiting(pods: Iterable[Object], warnings: Iterable[Object] = ()) -> Iterator[SeenPod]:
    """Yield the pods of runs that cannot start as things are.

    warnings are events: of networks, volumes and user namespaces a pod's own status says nothing.
    """
    newest_last = sorted(warnings, key=lambda event: event.get("lastTimestamp") or "")
    told = {event["involvedObject"].get("uid"): event for event in newest_last}
    for pod in pods:
        metadata = pod["metadata"]
        notebook = (metadata.get("annotations") or {}).get(names.NOTEBOOK_ANNOTATION, "")
        for reason, message in chain(_obstacles(pod), _warned(told.get(metadata.get("uid")))):
            yield SeenPod(metadata["name"], notebook, reason, message)
            break


def part(deployment: Object, pods: Iterable[Object]) -> SeenPart:
    """Return a Deployment with what its pods say of why they are not ready."""
    metadata, status = deployment["metadata"], deployment.get("status") or {}
    labels = metadata.get("labels") or {}
    component = labels.get(COMPONENT, "")
    own = [p for p in pods if (p["metadata"].get("labels") or {}).get(COMPONENT) == component]
    said = [f"{reason}: {message}" for pod in own for reason, message in _obstacles(pod)]
    return SeenPart(
        metadata["name"],
        component,
        labels.get(_VERSION, ""),
        wanted=deployment["spec"].get("replicas", 1),
        ready=status.get("readyReplicas", 0),
        says=said[0] if said else "",
    )


def environment_of(deployment: Object) -> dict[str, str]:
    """Return what its first container is told."""
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return {each["name"]: each.get("value", "") for each in container.get("env") or ()}


def exhausted(quotas: Iterable[Object]) -> Iterator[SeenQuota]:
    """Yield the resources of which nothing is left."""
    for quota in quotas:
        status = quota.get("status") or {}
        for resource, hard in (status.get("hard") or {}).items():
            used = (status.get("used") or {}).get(resource, "0")
            if quantities.parse(used) >= quantities.parse(hard) > 0:
                yield SeenQuota(quota["metadata"]["name"], resource, used, hard)


def _warned(event: Object | None) -> Iterator[tuple[str, str]]:
    if event is not None:
        yield event.get("reason", ""), event.get("message", "")


def _obstacles(pod: Object) -> Iterator[tuple[str, str]]:
    status = pod.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield condition.get("reason", "Unschedulable"), condition.get("message", "")
    for container in status.get("containerStatuses") or ():
        found = (container.get("state") or {}).get("waiting") or {}
        reason = found.get("reason", "")
        if reason and reason not in _PASSING:
            yield reason, found.get("message") or f"the container {container['name']} waits"
