"""What to do about each reason: one sentence for people, beside what it means."""

from typing import Final

from podbook_crds.ends.reasons import Reason

ADVICE: Final[dict[Reason, str]] = {
    Reason.WAITING_FOR_SLOT: "Wait, or cancel a run that is not needed.",
    Reason.NOTEBOOK_NOT_FOUND: (
        "Check the name; it starts as soon as a notebook of that name exists."
    ),
    Reason.QUOTA_EXCEEDED: "Wait, or have the namespace's quota raised.",
    Reason.INTAKE_UNAVAILABLE: (
        "It goes on by itself; if it lasts, look whether pods may reach the API's intake port."
    ),
    Reason.POD_CREATED: "Wait a moment.",
    Reason.CELLS_RUNNING: "Wait, or cancel it.",
    Reason.CANCELLING: "Wait a moment.",
    Reason.NOTEBOOK_COMPLETED: "",
    Reason.NOTEBOOK_RAISED: (
        "Look at the failing cell and the parameters it got; mend the notebook, then run it again."
    ),
    Reason.OUTPUT_INVALID: "Mend what the notebook saves, or its output contract.",
    Reason.OUTPUT_MISSING: (
        "Call save_output(...) in a cell that always runs, or drop the output contract."
    ),
    Reason.INVALID_PARAMETERS: "Correct the parameters that are named, and run it again.",
    Reason.INVALID_NOTEBOOK: (
        "Open the notebook in Jupyter and save it again; it is a JSON file of nbformat 4."
    ),
    Reason.INVALID_RUNTIME: (
        "Correct the runtime of the notebook, or what this run overrides of it."
    ),
    Reason.NOTEBOOK_CHANGED: "Run it again: the new run takes the notebook as it is now.",
    Reason.KERNEL_NOT_FOUND: (
        "Name a kernel that the runtime has, or choose an image that has this one."
    ),
    Reason.KERNEL_DIED: (
        "Look at what the last cell called: native code that crashes, or an exit() of its own."
    ),
    Reason.OUT_OF_MEMORY: "Load less at once, or raise the memory limit of the notebook's runtime.",
    Reason.DEADLINE_EXCEEDED: (
        "Make it quicker, or raise deadlineSeconds of the notebook or of the run."
    ),
    Reason.START_TIMEOUT: (
        "Run it again; if it lasts, look at the cluster's events, or raise startTimeoutSeconds."
    ),
    Reason.QUEUE_TIMEOUT: "Run it again later, add slots or nodes, or raise queueTimeoutSeconds.",
    Reason.IMAGE_UNAVAILABLE: (
        "Check the image's name and tag, and whether the cluster may pull it."
    ),
    Reason.UNSCHEDULABLE: (
        "Wait; if it lasts, ask for fewer resources, or add a node that has them."
    ),
    Reason.POD_LOST: "Check what the notebook may have done already, then run it again.",
    Reason.EVICTED: (
        "Check what the notebook may have done already, then run it again; with a higher memory"
        " request, if its node was short of memory."
    ),
    Reason.NODE_LOST: "Check what the notebook may have done already, then run it again.",
    Reason.START_FAILED: "Run it again; if it lasts, look at the logs of the operator.",
    Reason.INTERNAL_ERROR: "Run it again; if it lasts, tell whoever runs this Podbook.",
    Reason.CANCELLED: "Run it again if it was not meant.",
    Reason.RESTORED: "Run it again if its result is needed once more.",
}
