"""What an attempt's pod says about itself, read from its manifest.

Never from pod.phase where a container says more: sidecars may have been injected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from podbook_crds import names
from podbook_crds.protocol.result import RunResult, decode
from podbook_crds.resources.quantities import parse

Manifest = Mapping[str, Any]

# Of the DisruptionTarget condition, where the pod's node is no longer in the cluster.
_BY_POD_GC: Final = "DeletionByPodGC"


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container: waiting, running or terminated, and why."""

    is_started: bool = False
    is_ended: bool = False
    exit_code: int | None = None
    # Of the wait or of the end, as the kubelet spells it: ErrImagePull, OOMKilled, Error, …
    reason: str = ""
    message: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PodState:
    """The part of an attempt's pod that decides anything."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    execution_name: str
    execution_uid: str
    owner_uid: str
    notebook: str
    attempt: int
    created: datetime
    # When the grace of its deletion is over; None where nobody asked for it.
    deletion_at: datetime | None = None
    deletion_asked_at: datetime | None = None
    deletion_grace_seconds: int | None = None
    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    # Evicted, preempted or drained: the DisruptionTarget condition.
    is_disrupted: bool = False
    # What the condition says of that.
    disruption: str = ""
    # Taken away because its node is no longer in the cluster.
    is_node_gone: bool = False
    # When a node was found for it; None while it is Pending for lack of one.
    scheduled_at: datetime | None = None
    # Why it has no node yet, in the scheduler's words.
    unschedulable: str = ""
    # Held back by a scheduling gate: another queue decides when it may be scheduled.
    is_gated: bool = False
    kernel: ContainerState = ContainerState()
    runner: ContainerState = ContainerState()
    # As the manifest spells it, such as 512Mi; empty where the kernel has none.
    kernel_memory_limit: str = ""
    result: RunResult | None = None
    # The object is gone; this is what was last seen of it.
    is_gone: bool = False
    # Made before anybody called: idle, or given to an execution.
    warm: str = ""
    # Of which manifest it is, where it is warm.
    pool: str = ""
    # Bytes that its containers ask for.
    requested_memory: int = 0
    # Of a warm pod: whether it waits for a call; None while it is on its way there.
    is_prepared: bool | None = None
    preparation: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a call."""
        return self.warm == names.WARM_IDLE

    @property
    def is_ended(self) -> bool:
        """Whether no container of ours runs any more, nor ever will."""
        if self.is_gone or self.phase in {"Succeeded", "Failed"}:
            return True
        return self.kernel.is_ended and self.runner.is_ended

    @property
    def is_kernel_ended(self) -> bool:
        """Whether the kernel no longer runs, nor ever will: the slot is free then."""
        return self.is_ended or self.kernel.is_ended

    @property
    def is_cut_short(self) -> bool:
        """Whether a deletion, not the run itself, ended the runner."""
        if self.result is not None and not self.result.interrupted:
            return False
        if self.deletion_asked_at is None:
            return self.is_gone and not self.runner.is_ended
        return self.runner.ended_at is None or self.runner.ended_at >= self.deletion_asked_at

    @property
    def ended_at(self) -> datetime:
        """When the last of the two containers ended, as far as the pod says."""
        ends = [c.ended_at for c in (self.kernel, self.runner) if c.ended_at is not None]
        return max(ends, default=self.created)


def read(pod: Manifest, *, is_gone: bool = False) -> PodState:
    """Return what the pod says; is_gone where the manifest is the last that was seen of it."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    containers = {c["name"]: _container(c) for c in status.get("containerStatuses") or []}
    conditions = {c["type"]: c for c in status.get("conditions") or []}
    given_at = _moment(annotations.get(names.GIVEN_AT_ANNOTATION))
    runner = containers.get(names.RUNNER_CONTAINER, ContainerState())
    return PodState(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata.get("resourceVersion", ""),
        execution_name=annotations.get(names.EXECUTION_NAME_ANNOTATION, ""),
        execution_uid=labels.get(names.EXECUTION_LABEL, ""),
        owner_uid=_owner_uid(metadata),
        notebook=annotations.get(names.NOTEBOOK_ANNOTATION, ""),
        attempt=_number(labels.get(names.ATTEMPT_LABEL, "")),
        # An attempt begins when its pod is its own.
        created=given_at or _created(metadata),
        deletion_at=_moment(metadata.get("deletionTimestamp")),
        deletion_asked_at=_deletion_asked_at(metadata),
        deletion_grace_seconds=metadata.get("deletionGracePeriodSeconds"),
        phase=status.get("phase", "Pending"),
        reason=status.get("reason", ""),
        message=status.get("message", ""),
        **_disruption(conditions.get("DisruptionTarget") or {}),
        scheduled_at=given_at or _scheduled_at(pod, conditions.get("PodScheduled")),
        unschedulable=_unschedulable(conditions.get("PodScheduled")),
        is_gated=(conditions.get("PodScheduled") or {}).get("reason") == "SchedulingGated",
        kernel=containers.get(names.KERNEL_CONTAINER, ContainerState()),
        runner=runner,
        kernel_memory_limit=_memory_limit(pod, names.KERNEL_CONTAINER),
        result=decode(runner.message) if runner.is_ended else None,
        is_gone=is_gone,
        warm=labels.get(names.WARM_LABEL, ""),
        pool=annotations.get(names.WARM_POOL_ANNOTATION, ""),
        requested_memory=requested_memory(pod) if names.WARM_LABEL in labels else 0,
        **_preparation(conditions.get(names.PREPARED_CONDITION)),
    )


def requested_memory(pod: Manifest) -> int:
    """Return the bytes that the containers ask for; what asks for none has its limit."""
    asked = 0
    for container in (pod.get("spec") or {}).get("containers") or []:
        resources = container.get("resources") or {}
        both = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
        asked += int(parse(str(both.get("memory", "0"))))
    return asked


def _disruption(condition: Manifest) -> dict[str, Any]:
    is_disrupted = _is_true(condition)
    return {
        "is_disrupted": is_disrupted,
        "disruption": condition.get("message", ""),
        "is_node_gone": is_disrupted and condition.get("reason") == _BY_POD_GC,
    }


def _preparation(condition: Manifest | None) -> dict[str, Any]:
    if condition is None:
        return {}
    return {"is_prepared": _is_true(condition), "preparation": condition.get("message", "")}


def _created(metadata: Manifest) -> datetime:
    return _moment(metadata.get("creationTimestamp")) or datetime.min.replace(tzinfo=UTC)


def _container(status: Manifest) -> ContainerState:
    state = status.get("state") or {}
    if terminated := state.get("terminated"):
        return ContainerState(
            is_started=True,
            is_ended=True,
            exit_code=terminated.get("exitCode"),
            reason=terminated.get("reason", ""),
            message=terminated.get("message", ""),
            ended_at=_moment(terminated.get("finishedAt")),
        )
    waiting = state.get("waiting") or {}
    return ContainerState(
        is_started="running" in state,
        reason=waiting.get("reason", ""),
        message=waiting.get("message", ""),
    )


def _memory_limit(pod: Manifest, container: str) -> str:
    for spec in (pod.get("spec") or {}).get("containers") or []:
        if spec["name"] == container:
            limits = (spec.get("resources") or {}).get("limits") or {}
            return str(limits.get("memory", ""))
    return ""


def _owner_uid(metadata: Manifest) -> str:
    owners = metadata.get("ownerReferences") or []
    return next((owner["uid"] for owner in owners if owner.get("controller")), "")


def _deletion_asked_at(metadata: Manifest) -> datetime | None:
    """Return when the deletion was asked for; its timestamp is when the grace will be over."""
    over = _moment(metadata.get("deletionTimestamp"))
    grace = timedelta(seconds=metadata.get("deletionGracePeriodSeconds") or 0)
    return over and over - grace


def _unschedulable(condition: Manifest | None) -> str:
    if condition is None or condition.get("reason") != "Unschedulable":
        return ""
    return str(condition.get("message", "")) or "no node fits"


def _scheduled_at(pod: Manifest, condition: Manifest | None) -> datetime | None:
    """Return when the pod got its node; one that was bound by hand has no condition of it."""
    status = pod.get("status") or {}
    is_bound = bool((pod.get("spec") or {}).get("nodeName"))
    if not _is_true(condition) and not is_bound and not status.get("containerStatuses"):
        return None
    said = (condition or {}).get("lastTransitionTime") if _is_true(condition) else None
    found = said or status.get("startTime") or pod["metadata"].get("creationTimestamp")
    return _moment(found) or datetime.min.replace(tzinfo=UTC)


def _is_true(condition: Manifest | None) -> bool:
    return condition is not None and condition.get("status") == "True"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
