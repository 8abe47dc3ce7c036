"""Why an attempt ended: what its containers, its pod and its runner's report say together."""

import re
from dataclasses import dataclass
from typing import Final

from podbook_crds.ends.finish import DECIDED_BY_RESULT
from podbook_crds.ends.reasons import EXPLANATIONS, Fault, Reason
from podbook_crds.protocol.result import RunResult
from podbook_operator.pod.state import ContainerState, PodState

# The shell for a command that is not there or cannot be run.
_NO_COMMAND_CODES: Final = {126, 127}
# Container runtimes say the same of a node that is short of memory, disk or time, or whose mounts
# fail: only what they say of the command itself is the runtime's own fault.
_NOT_STARTED_REASONS: Final = {"StartError", "ContainerCannotRun"}
_OF_THE_COMMAND: Final = re.compile(
    r"(exec:?|executable file) .*(not found|no such file|permission denied|format error|directory)",
    re.IGNORECASE,
)

# A pod that waits with one of these will never start, however long it waits.
HOPELESS_WAITS: Final = {"InvalidImageName", "ErrImageNeverPull"}
_IMAGE_WAITS: Final = {"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", *HOPELESS_WAITS}

# What a kubelet says of a pod that the scheduler gave it and that it has no place for: another look
# at the nodes may end better. https://kubernetes.io/docs/concepts/scheduling-eviction/
_NO_PLACE: Final = re.compile(
    r"OutOf\w+|Node\w+|Topology\w+|UnexpectedAdmissionError|Shutdown|Terminated"
)
# How the message begins of a pod that its node refused so.
REFUSED_BY_NODE: Final = "its node refused pod"

# Another attempt would end the same way.
_POINTLESS: Final = {Reason.KERNEL_NOT_FOUND, Reason.OUT_OF_MEMORY} | DECIDED_BY_RESULT


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of one attempt."""

    reason: Reason
    message: str = ""
    result: RunResult | None = None
    # Whether another attempt may end better, if another is allowed.
    is_repeatable: bool = False


def is_decided(result: RunResult | None) -> bool:
    """Tell whether the report alone says how the run ended, whatever became of the pod."""
    return result is not None and result.reason in DECIDED_BY_RESULT and not result.interrupted


def of_claimed(pod: PodState | None, *, is_cancelled: bool) -> Ending:
    """Return the end of an attempt that may have run user code; None where its pod is gone."""
    if pod is not None and pod.result is not None and is_decided(pod.result):
        return Ending(pod.result.reason, pod.result.message, pod.result)
    ending = _claimed(pod)
    if is_cancelled:
        return Ending(Reason.CANCELLED, "cancelled while it ran", ending.result)
    return ending


def of_unclaimed(pod: PodState) -> Ending:
    """Return the end of an attempt that ran no user code."""
    found = _out_of_memory(pod) or _by_cluster(pod) or _by_start(pod)
    return Ending(
        found.reason,
        found.message,
        found.result,
        is_repeatable=found.reason not in _POINTLESS,
    )


def of_slow_start(pod: PodState, *, seconds: int) -> Ending:
    """Return the end of an attempt that got a node and did not start there in time."""
    reason, why = Reason.START_TIMEOUT, "its runner did not claim the job"
    if lacks := lacking_image(pod):
        reason, why = Reason.IMAGE_UNAVAILABLE, lacks
    else:
        for container, state in _containers(pod):
            if not state.is_started and state.message:
                why = f"{container}: {state.reason}: {state.message}"
                break
    message = f"pod {pod.name} was not ready {seconds} s after it got its node: {why}"
    return Ending(reason, message, is_repeatable=True)


def of_no_node(pod: PodState, *, seconds: int) -> Ending:
    """Return the end of an attempt that waited for a node for as long as its caller waits."""
    why = f"did not start within queueTimeoutSeconds ({seconds} s)"
    return Ending(Reason.QUEUE_TIMEOUT, f"{why}: {no_node(pod)}")


def of_given_back(pod: PodState) -> Ending:
    """Return the end of an attempt that waited for a node while others waited for its slot."""
    message = f"pod {pod.name} gave its slot to others that wait: {no_node(pod)}"
    return Ending(Reason.UNSCHEDULABLE, message, is_repeatable=True)


def no_node(pod: PodState) -> str:
    """Say why the pod has no node yet."""
    if pod.is_gated:
        return f"pod {pod.name} is held back by a scheduling gate"
    return f"no node for pod {pod.name} yet: {pod.unschedulable or 'the scheduler has not spoken'}"


def lacking_image(pod: PodState) -> str:
    """Say which image cannot be pulled, in the kubelet's words; empty where none is missed."""
    for container, state in _containers(pod):
        if not state.is_started and state.reason in _IMAGE_WAITS:
            return f"{container}: {state.reason}: {state.message or 'the image cannot be pulled'}"
    return ""


def _containers(pod: PodState) -> tuple[tuple[str, ContainerState], ...]:
    return ("kernel", pod.kernel), ("runner", pod.runner)


def of_lost_node(pod: PodState, *, result: RunResult | None = None) -> Ending:
    """Return the end of an attempt whose pod nobody can end."""
    message = f"pod {pod.name} is terminating and its node does not answer"
    return Ending(Reason.NODE_LOST, message, result, is_repeatable=True)


def _claimed(pod: PodState | None) -> Ending:
    if pod is None:
        return Ending(Reason.POD_LOST, "the pod is gone and left no report", is_repeatable=True)
    found = _out_of_memory(pod) or _by_cluster(pod) or _by_report(pod)
    is_cluster = EXPLANATIONS[found.reason].fault is Fault.CLUSTER
    return Ending(found.reason, found.message, found.result, is_repeatable=is_cluster)


def _out_of_memory(pod: PodState) -> Ending | None:
    """The runner sees only that the kernel died; the kubelet knows why."""
    if pod.kernel.reason != "OOMKilled":
        return None
    limit = f" of {pod.kernel_memory_limit}" if pod.kernel_memory_limit else ""
    message = f"the kernel was killed for using more memory than its limit{limit}"
    if pod.result is not None and pod.result.message:
        message = f"{message}: {pod.result.message}"
    return Ending(Reason.OUT_OF_MEMORY, message, pod.result)


def _by_cluster(pod: PodState) -> Ending | None:
    """Return what the pod itself says; a pod is only ever deleted from outside."""
    said = pod.message or pod.disruption or pod.reason
    is_node_lost = pod.is_node_gone or pod.reason == "NodeLost"
    if is_node_lost or pod.runner.reason == "ContainerStatusUnknown":
        told = f"pod {pod.name} ended with its node{f': {said}' if said else ''}"
        return Ending(Reason.NODE_LOST, told, pod.result)
    if pod.is_disrupted or pod.reason in {"Evicted", "Preempting"}:
        return Ending(Reason.EVICTED, f"pod {pod.name} was evicted: {said}", pod.result)
    if pod.reason == "DeadlineExceeded":
        return Ending(Reason.DEADLINE_EXCEEDED, f"pod {pod.name}: {said}", pod.result)
    if pod.is_cut_short:
        message = f"pod {pod.name} was deleted before the run had ended"
        return Ending(Reason.POD_LOST, message, pod.result)
    return None


def _by_report(pod: PodState) -> Ending:
    result = pod.result
    if result is not None:
        return Ending(result.reason, result.message, result)
    runner = pod.runner
    how = "ran out of memory" if runner.reason == "OOMKilled" else f"exit code {runner.exit_code}"
    message = f"the runner ended without a report ({how}): {runner.message}"
    return Ending(Reason.INTERNAL_ERROR, message)


def _by_start(pod: PodState) -> Ending:
    kernel = pod.kernel
    if _has_no_command(kernel):
        message = f"the kernel's command cannot be run: {kernel.message or kernel.reason}"
        return Ending(Reason.KERNEL_NOT_FOUND, message, pod.result)
    if pod.result is not None:
        return Ending(pod.result.reason, pod.result.message, pod.result)
    if pod.reason and not (kernel.is_started or pod.runner.is_started):
        is_refused = _NO_PLACE.fullmatch(pod.reason) is not None
        said = REFUSED_BY_NODE if is_refused else "its node did not run pod"
        message = f"{said} {pod.name}: {pod.reason}: {pod.message}"
    elif kernel.reason in _NOT_STARTED_REASONS:
        message = f"its node could not start the kernel: {kernel.message}"
    elif kernel.is_ended and kernel.exit_code != 0:
        message = f"the kernel ended with exit code {kernel.exit_code}: {kernel.message}"
    else:
        runner = pod.runner
        message = f"the runner ended with exit code {runner.exit_code}: {runner.message}"
    return Ending(Reason.START_FAILED, message)


def _has_no_command(kernel: ContainerState) -> bool:
    if kernel.reason in _NOT_STARTED_REASONS:
        return bool(_OF_THE_COMMAND.search(kernel.message))
    return kernel.exit_code in _NO_COMMAND_CODES
