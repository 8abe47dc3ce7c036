"""What the server does to pods that it does to no other kind."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from podbook_cluster.apiserver.storage.records import Object
from podbook_cluster.apiserver.terms import clock
from podbook_cluster.apiserver.terms.errors import Cause
from podbook_cluster.apiserver.terms.identifiers import is_dns_label

FINISHED: Final = ("Succeeded", "Failed")

_GRACE_SECONDS: Final = 30
_TOKEN_SECONDS: Final = 3600
_FILE_MODE: Final = 0o644
_RESTART_POLICIES: Final = ("Always", "OnFailure", "Never")
# What may change in the spec of a pod once it exists.
_MUTABLE_SPEC: Final = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")
_MUTABLE_CONTAINER: Final = ("image",)
_LONGEST_SECONDS: Final = 2**31 - 1


def default(pod: Object) -> None:
    """Fill in what a pod leaves out, in place."""
    spec = pod.setdefault("spec", {})
    for key, value in (
        ("restartPolicy", "Always"),
        ("dnsPolicy", "ClusterFirst"),
        ("schedulerName", "default-scheduler"),
        ("terminationGracePeriodSeconds", _GRACE_SECONDS),
        ("securityContext", {}),
        ("enableServiceLinks", True),
    ):
        spec.setdefault(key, deepcopy(value))
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = account
    for container in _containers(spec):
        _default_container(container)
    for volume in spec.get("volumes") or ():
        _default_volume(volume)


def _containers(spec: Object) -> Iterator[Object]:
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            if isinstance(container, dict):
                yield container


def _default_container(container: Object) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    image = str(container.get("image", ""))
    is_latest = ":" not in image.rpartition("/")[2] or image.endswith(":latest")
    container.setdefault("imagePullPolicy", "Always" if is_latest else "IfNotPresent")
    resources = container.setdefault("resources", {})
    for name, limit in (resources.get("limits") or {}).items():
        resources.setdefault("requests", {}).setdefault(name, limit)


def _default_volume(volume: Object) -> None:
    if not set(volume) - {"name"}:
        volume["emptyDir"] = {}
    for kind in ("configMap", "secret", "downwardAPI", "projected"):
        if isinstance(volume.get(kind), dict):
            volume[kind].setdefault("defaultMode", _FILE_MODE)
    for source in (volume.get("projected") or {}).get("sources") or ():
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", _TOKEN_SECONDS)


def initial_status(pod: Object) -> Object:
    """Return the status of a pod that nobody has looked at yet."""
    return {"phase": "Pending", "qosClass": _quality_of_service(pod["spec"])}


def _quality_of_service(spec: Object) -> str:
    needs = [container.get("resources") or {} for container in _containers(spec)]
    if not any(need.get("requests") or need.get("limits") for need in needs):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= set(need.get("limits") or {})
        and need.get("requests") == need.get("limits")
        for need in needs
    )
    return "Guaranteed" if guaranteed else "Burstable"


def problems(pod: Object) -> list[Cause]:
    """Return what is wrong with a pod's spec."""
    spec = pod["spec"]
    found: list[Cause] = []
    if not spec.get("containers"):
        found.append(Cause("spec.containers", "Required value", "FieldValueRequired"))
    if spec["restartPolicy"] not in _RESTART_POLICIES:
        found.append(
            Cause(
                "spec.restartPolicy",
                f'Unsupported value: "{spec["restartPolicy"]}": supported values: "Always",'
                ' "Never", "OnFailure"',
                "FieldValueNotSupported",
            )
        )
    found += _deadline_problems(spec)
    found += _name_problems("spec.volumes", spec.get("volumes") or [])
    found += _duplicates("spec.volumes", spec.get("volumes") or [])
    found += _duplicates("spec.containers", spec.get("containers") or [])
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    for field in ("initContainers", "containers"):
        found += _name_problems(f"spec.{field}", spec.get(field) or [])
        for index, container in enumerate(spec.get(field) or ()):
            found += _container_problems(f"spec.{field}[{index}]", container, volumes)
    return found


def _deadline_problems(spec: Object) -> Iterator[Cause]:
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 1 <= seconds <= _LONGEST_SECONDS:
        yield Cause(
            "spec.activeDeadlineSeconds",
            f"Invalid value: {seconds}: must be between 1 and {_LONGEST_SECONDS}, inclusive",
        )


def _container_problems(path: str, container: Any, volumes: set[Any]) -> list[Cause]:
    found = []
    if not container.get("image"):
        found.append(Cause(f"{path}.image", "Required value", "FieldValueRequired"))
    found += [
        Cause(f"{path}.env[{index}].name", "Required value", "FieldValueRequired")
        for index, variable in enumerate(container.get("env") or ())
        if not variable.get("name")
    ]
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            found.append(
                Cause(
                    f"{path}.volumeMounts[{index}].name",
                    f'Not found: "{mount.get("name")}"',
                    "FieldValueNotFound",
                )
            )
    return found


def _name_problems(path: str, items: list[Any]) -> Iterator[Cause]:
    """Files and folders are called by these names."""
    for index, item in enumerate(items):
        name = item.get("name")
        if not name:
            yield Cause(f"{path}[{index}].name", "Required value", "FieldValueRequired")
        elif not is_dns_label(name):
            yield Cause(
                f"{path}[{index}].name",
                f'Invalid value: "{name}": a lowercase RFC 1123 label must consist of lower case'
                " alphanumeric characters or '-', and must start and end with an alphanumeric"
                " character",
            )


def _duplicates(path: str, items: list[Any]) -> list[Cause]:
    names = [item.get("name") for item in items]
    return [
        Cause(f"{path}[{index}].name", f'Duplicate value: "{name}"', "FieldValueDuplicate")
        for index, name in enumerate(names)
        if name in names[:index]
    ]


def update_problems(old: Object, new: Object) -> list[Cause]:
    """Return what an update changes and may not change."""
    if _frozen(old["spec"]) == _frozen(new["spec"]):
        return []
    return [
        Cause(
            "spec",
            "Forbidden: pod updates may not change fields other than"
            " `spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
            " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it"
            " was previously negative)",
            "FieldValueForbidden",
        )
    ]


def _frozen(spec: Object) -> Object:
    kept = {key: value for key, value in spec.items() if key not in _MUTABLE_SPEC}
    for field in ("initContainers", "containers"):
        kept[field] = [
            {key: value for key, value in container.items() if key not in _MUTABLE_CONTAINER}
            for container in spec.get(field) or ()
        ]
    return kept


def grace_seconds(pod: Object, asked: int | None) -> int:
    """Return how long a pod that is deleted may still run; 0 removes it at once."""
    if not pod["spec"].get("nodeName") or (pod.get("status") or {}).get("phase") in FINISHED:
        return 0
    grace = asked if asked is not None else pod["spec"]["terminationGracePeriodSeconds"]
    return int(grace) if grace >= 0 else 1


def begin_deletion(pod: Object, seconds: int) -> bool:
    """Mark a pod as being deleted, in place; return whether that changed it."""
    metadata = pod["metadata"]
    if metadata.get("deletionTimestamp") and metadata["deletionGracePeriodSeconds"] <= seconds:
        return False
    metadata["deletionTimestamp"] = clock.after(seconds)
    metadata["deletionGracePeriodSeconds"] = seconds
    return True


def bind(pod: Object, node: str) -> None:
    """Assign a pod to a node, in place."""
    pod["spec"]["nodeName"] = node
    conditions = pod["status"].setdefault("conditions", [])
    if not any(condition["type"] == "PodScheduled" for condition in conditions):
        conditions.append(
            {
                "type": "PodScheduled",
                "status": "True",
                "lastProbeTime": None,
                "lastTransitionTime": clock.timestamp(),
            }
        )
