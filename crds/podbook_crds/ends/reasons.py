"""Why an execution is in its phase: the closed list, each with its sentence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why an execution is in its phase; clients match on these, so none is ever renamed."""

    WAITING_FOR_SLOT = "WaitingForSlot"
    NOTEBOOK_NOT_FOUND = "NotebookNotFound"
    QUOTA_EXCEEDED = "QuotaExceeded"
    INTAKE_UNAVAILABLE = "IntakeUnavailable"
    POD_CREATED = "PodCreated"
    CELLS_RUNNING = "CellsRunning"
    CANCELLING = "Cancelling"

    NOTEBOOK_COMPLETED = "NotebookCompleted"

    NOTEBOOK_RAISED = "NotebookRaised"
    OUTPUT_INVALID = "OutputInvalid"
    OUTPUT_MISSING = "OutputMissing"
    INVALID_PARAMETERS = "InvalidParameters"
    INVALID_NOTEBOOK = "InvalidNotebook"
    INVALID_RUNTIME = "InvalidRuntime"
    NOTEBOOK_CHANGED = "NotebookChanged"
    KERNEL_NOT_FOUND = "KernelNotFound"
    KERNEL_DIED = "KernelDied"
    OUT_OF_MEMORY = "OutOfMemory"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    START_TIMEOUT = "StartTimeout"
    QUEUE_TIMEOUT = "QueueTimeout"
    IMAGE_UNAVAILABLE = "ImageUnavailable"
    UNSCHEDULABLE = "Unschedulable"
    POD_LOST = "PodLost"
    EVICTED = "Evicted"
    NODE_LOST = "NodeLost"
    START_FAILED = "StartFailed"
    INTERNAL_ERROR = "InternalError"

    CANCELLED = "Cancelled"
    RESTORED = "Restored"


class Fault(StrEnum):
    """Who has to act for the next run to go better."""

    NOBODY = "nobody"
    NOTEBOOK = "notebook"
    CALLER = "caller"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reason means: whose fault, and one sentence for people."""

    fault: Fault
    sentence: str


_N, _C, _K, _O = Fault.NOTEBOOK, Fault.CALLER, Fault.CLUSTER, Fault.NOBODY

EXPLANATIONS: Final[dict[Reason, Explanation]] = {
    Reason.WAITING_FOR_SLOT: Explanation(_O, "Every slot is taken; it starts when one is free."),
    Reason.NOTEBOOK_NOT_FOUND: Explanation(_C, "No notebook of that name exists yet."),
    Reason.QUOTA_EXCEEDED: Explanation(_K, "The namespace's quota has no room for the pod yet."),
    Reason.INTAKE_UNAVAILABLE: Explanation(_K, "Pods start but cannot reach the intake."),
    Reason.POD_CREATED: Explanation(_O, "The pod exists and is starting."),
    Reason.CELLS_RUNNING: Explanation(_O, "The notebook's cells are running."),
    Reason.CANCELLING: Explanation(_O, "It was cancelled; the run is being saved and ended."),
    Reason.NOTEBOOK_COMPLETED: Explanation(_O, "Every cell ran and the output fits its contract."),
    Reason.NOTEBOOK_RAISED: Explanation(_N, "A cell raised an exception."),
    Reason.OUTPUT_INVALID: Explanation(_N, "What was saved does not fit the output contract."),
    Reason.OUTPUT_MISSING: Explanation(_N, "The contract asks for an output and none was saved."),
    Reason.INVALID_PARAMETERS: Explanation(_C, "The parameters do not fit the input contract."),
    Reason.INVALID_NOTEBOOK: Explanation(_N, "The notebook cannot be read as a notebook."),
    Reason.INVALID_RUNTIME: Explanation(
        _C, "The runtime is refused, by the notebook or by the cluster."
    ),
    Reason.NOTEBOOK_CHANGED: Explanation(_C, "The content the execution was made for is gone."),
    Reason.KERNEL_NOT_FOUND: Explanation(_C, "The runtime has no kernel of that name or command."),
    Reason.KERNEL_DIED: Explanation(_N, "The kernel's process ended while cells were to be run."),
    Reason.OUT_OF_MEMORY: Explanation(_N, "The kernel needed more memory than its limit."),
    Reason.DEADLINE_EXCEEDED: Explanation(_N, "The run took longer than deadlineSeconds."),
    Reason.START_TIMEOUT: Explanation(
        _K, "The pod did not start on its node within startTimeoutSeconds."
    ),
    Reason.QUEUE_TIMEOUT: Explanation(_K, "It did not get to start within queueTimeoutSeconds."),
    Reason.IMAGE_UNAVAILABLE: Explanation(_C, "An image of the pod cannot be pulled."),
    Reason.UNSCHEDULABLE: Explanation(_K, "No node can take the pod yet; it waits for one."),
    Reason.POD_LOST: Explanation(_K, "The pod vanished while the notebook may have been running."),
    Reason.EVICTED: Explanation(_K, "The cluster evicted the pod."),
    Reason.NODE_LOST: Explanation(_K, "The pod's node stopped answering."),
    Reason.START_FAILED: Explanation(_K, "The pod ended before the notebook could start."),
    Reason.INTERNAL_ERROR: Explanation(_K, "Podbook itself failed; its logs say where."),
    Reason.CANCELLED: Explanation(_O, "It was cancelled."),
    Reason.RESTORED: Explanation(_O, "It came out of a backup and is not run a second time."),
}
