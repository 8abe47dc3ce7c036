"""Says which pods this node can't run, and why."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from podbook_cluster.kubelet.client import Pod
from podbook_cluster.kubelet.files import volumes
from podbook_cluster.kubelet.pod.pod_folder import OutsidePod, PodFolder

_VOLUMES: Final = ("emptyDir", "configMap", "secret", "downwardAPI", "projected")
_PROJECTIONS: Final = ("serviceAccountToken", "configMap", "secret", "downwardAPI")
_IN_POD: Final = ("initContainers", "ephemeralContainers")
_IN_CONTAINER: Final = (
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "volumeDevices",
)


def refusal(pod: Pod, folder: PodFolder) -> str | None:
    """Return why a pod can't run here, naming the field, or None if it can."""
    problems = [
        *_in_spec(pod["spec"]),
        *_in_volumes(pod["spec"]),
        *_in_paths(pod["spec"], folder),
        *_in_mounts(pod["spec"]),
    ]
    if not problems:
        return None
    return f"this node runs pods as plain processes: {'; '.join(problems)}"


def _in_spec(spec: Mapping[str, Any]) -> Iterator[str]:
    policy = spec.get("restartPolicy", "Always")
    if policy != "Never":
        yield f"restartPolicy {policy} is not supported, only Never"
    for field in _IN_POD:
        if spec.get(field):
            yield f"{field} are not supported"
    for container in spec["containers"]:
        for field in _IN_CONTAINER:
            if container.get(field):
                yield f"container {container['name']!r}: {field} is not supported"


def _in_volumes(spec: Mapping[str, Any]) -> Iterator[str]:
    for volume in spec.get("volumes") or ():
        name = volume["name"]
        kinds = [kind for kind in volume if kind != "name"]
        for kind in kinds:
            if kind not in _VOLUMES:
                known = ", ".join(_VOLUMES)
                yield f"volume {name!r}: {kind} is not supported; this node has {known}"
        for source in (volume.get("projected") or {}).get("sources") or ():
            for kind in source:
                if kind not in _PROJECTIONS:
                    yield f"volume {name!r}: projected {kind} is not supported"
        for path in _file_paths(volume):
            if not volumes.is_safe(path):
                yield f"volume {name!r}: path {path!r} leads out of the volume"


def _file_paths(volume: Mapping[str, Any]) -> Iterator[str]:
    projected = (volume.get("projected") or {}).get("sources") or ()
    for source in (volume, *projected):
        for kind in _PROJECTIONS:
            said = source.get(kind) or {}
            if kind == "serviceAccountToken" and said:
                yield said["path"]
            for item in said.get("items") or ():
                yield item["path"]


def _in_paths(spec: Mapping[str, Any], folder: PodFolder) -> Iterator[str]:
    for container in spec["containers"]:
        mounts = container.get("volumeMounts") or ()
        fixed = (container.get("workingDir"), container.get("terminationMessagePath"))
        for path in (*fixed, *(mount["mountPath"] for mount in mounts)):
            try:
                folder.inside(path or "/")
            except OutsidePod as error:
                yield f"container {container['name']!r}: {error}"


def _in_mounts(spec: Mapping[str, Any]) -> Iterator[str]:
    """All containers share one root folder, so a path can mean one volume only."""
    known = {volume["name"] for volume in spec.get("volumes") or ()}
    at: dict[str, str] = {}
    for container in spec["containers"]:
        for mount in container.get("volumeMounts") or ():
            where, name = mount["mountPath"].rstrip("/"), mount["name"]
            if name not in known:
                yield f"container {container['name']!r}: there is no volume {name!r}"
            if mount.get("subPath") or mount.get("subPathExpr"):
                yield f"container {container['name']!r}: subPath is not supported"
            if not where:
                yield f"container {container['name']!r}: a volume can't be mounted at /"
            if at.setdefault(where, name) != name:
                yield f"mountPath {where!r} is given to two volumes, {at[where]!r} and {name!r}"
