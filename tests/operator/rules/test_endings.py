"""How an execution ends: what happened, and the reason that it is given."""

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol.result import RunResult
from podbook_operator.pod.state import ContainerState
from podbook_operator.rules.decide import decide
from podbook_operator.rules.view import View
from tests.support.views import (
    NOW,
    a_notebook,
    a_pod,
    a_view,
    an_ended_pod,
    an_execution,
    ended,
    failed,
    running,
    seconds,
)

COMPLETED = RunResult(reason=Reason.NOTEBOOK_COMPLETED, has_output=True, output={"n": None})
RAISED = RunResult(reason=Reason.NOTEBOOK_RAISED, message="ValueError: no")
DIED = RunResult(reason=Reason.KERNEL_DIED, message="in cell 3")
NO_KERNEL = RunResult(reason=Reason.KERNEL_NOT_FOUND)
INTERRUPTED = RunResult(reason=Reason.NOTEBOOK_RAISED, interrupted=True)

# What ends an execution, and how.
ENDS = [
    pytest.param(a_view(running(), an_ended_pod(result=COMPLETED)), "NotebookCompleted", id="ran"),
    pytest.param(a_view(running(), an_ended_pod(result=RAISED)), "NotebookRaised", id="raised"),
    pytest.param(
        a_view(running(), a_pod(runner=ended(), result=COMPLETED)),
        "NotebookCompleted",
        id="reported: the kernel's own end is not waited for",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(result=COMPLETED, deletion_at=NOW)),
        "NotebookCompleted",
        id="a deletion does not undo what had already ended",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(result=DIED, kernel=ended(137, reason="OOMKilled"))),
        "OutOfMemory",
        id="the runner saw the kernel die, the kubelet says why",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(result=DIED, kernel=ended(137))),
        "KernelDied",
        id="killed by a signal is not out of memory",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(runner=ended(137), phase="Failed")),
        "InternalError",
        id="a runner that ends without a word",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(result=INTERRUPTED, is_disrupted=True)),
        "Evicted",
        id="evicted",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(is_disrupted=True, is_node_gone=True, is_gone=True)),
        "NodeLost",
        id="its node was taken out of the cluster",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(result=INTERRUPTED, deletion_at=NOW)),
        "PodLost",
        id="deleted by hand, saved and reported",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(reason="DeadlineExceeded", phase="Failed")),
        "DeadlineExceeded",
        id="the pod's own deadline, where the runner failed to keep its",
    ),
    pytest.param(
        a_view(running(), an_ended_pod(runner=ended(137, reason="ContainerStatusUnknown"))),
        "NodeLost",
        id="nobody knows how it ended",
    ),
    pytest.param(
        a_view(
            running(),
            an_ended_pod(result=DIED, kernel=ended(137), deletion_at=NOW + seconds(40)),
        ),
        "KernelDied",
        id="reported by itself, and the pod was deleted because the kernel would not go",
    ),
    pytest.param(
        a_view(
            running(), an_ended_pod(runner=ended(1), phase="Failed", deletion_at=NOW + seconds(40))
        ),
        "InternalError",
        id="ended without a word before it was deleted",
    ),
    pytest.param(a_view(running()), "PodLost", id="gone without a trace"),
    pytest.param(
        a_view(running(), a_pod(deletion_at=NOW - seconds(61))), "NodeLost", id="its node is gone"
    ),
    pytest.param(a_view(running(cancel=True)), "Cancelled", id="cancelled, and the pod is gone"),
    pytest.param(
        a_view(running(cancel=True), an_ended_pod(result=INTERRUPTED, deletion_at=NOW)),
        "Cancelled",
        id="cancelled while it ran",
    ),
    pytest.param(
        a_view(running(cancel=True), an_ended_pod(result=COMPLETED)),
        "NotebookCompleted",
        id="it had completed before the cancel could reach it",
    ),
    pytest.param(a_view(an_execution(cancel=True)), "Cancelled", id="cancelled while queued"),
    pytest.param(
        a_view(an_execution(cancel=True), an_ended_pod(result=NO_KERNEL)),
        "Cancelled",
        id="cancelled while starting",
    ),
    pytest.param(
        a_view(an_execution(cancel=True), a_pod(deletion_at=NOW - seconds(61))),
        "Cancelled",
        id="cancelled while starting, and its node does not leave off",
    ),
    pytest.param(
        a_view(an_execution(queueTimeoutSeconds=60)), "QueueTimeout", id="waited too long"
    ),
    pytest.param(
        a_view(an_execution(queueTimeoutSeconds=60), has_notebook=False),
        "QueueTimeout",
        id="waited too long for its notebook",
    ),
    pytest.param(
        a_view(
            an_execution(parameters={"n": "x"}),
            notebook=a_notebook(input={"properties": {"n": {"type": "integer"}}}),
        ),
        "InvalidParameters",
        id="parameters that do not fit",
    ),
    pytest.param(
        a_view(an_execution(notebook={"name": "report", "digest": "sha256:" + 64 * "0"})),
        "NotebookChanged",
        id="pinned to content that nobody remembers",
    ),
    pytest.param(
        a_view(an_execution(), notebook=a_notebook(problem="line 3: no JSON")),
        "InvalidNotebook",
        id="a broken notebook",
    ),
    pytest.param(
        a_view(an_execution(), notebook=a_notebook(runtime={"language": "cobol"})),
        "KernelNotFound",
        id="a language that nobody knows a kernel for",
    ),
    pytest.param(
        a_view(an_execution(), an_ended_pod(result=NO_KERNEL)),
        "KernelNotFound",
        id="another attempt would not find the kernel either",
    ),
    pytest.param(
        a_view(an_execution(), an_ended_pod(kernel=ended(127, message="no such file"))),
        "KernelNotFound",
        id="the kernel's command is not there",
    ),
    pytest.param(
        a_view(an_execution(retryLimit=0), an_ended_pod(kernel=ended(1, message="ImportError"))),
        "StartFailed",
        id="the kernel ended at its start, and no repeat is allowed",
    ),
    pytest.param(
        a_view(an_execution(retryLimit=1, attempts=[failed(1)]), an_ended_pod(2, kernel=ended(1))),
        "StartFailed",
        id="the last repeat failed too",
    ),
    pytest.param(
        a_view(an_execution(startTimeoutSeconds=20, retryLimit=0), a_pod()),
        "StartTimeout",
        id="it did not start in time",
    ),
    pytest.param(
        a_view(
            an_execution(startTimeoutSeconds=20, retryLimit=0),
            a_pod(kernel=ContainerState(reason="ImagePullBackOff", message="no such image")),
        ),
        "ImageUnavailable",
        id="an image that cannot be pulled",
    ),
    pytest.param(
        a_view(
            an_execution(queueTimeoutSeconds=60, startTimeoutSeconds=20, retryLimit=9),
            a_pod(
                scheduled_at=None,
                unschedulable="0/3 nodes",
                kernel=ContainerState(),
                runner=ContainerState(),
            ),
        ),
        "QueueTimeout",
        id="no node took it for as long as its caller waits",
    ),
    pytest.param(
        a_view(
            an_execution(retryLimit=0),
            a_pod(kernel=ContainerState(reason="InvalidImageName", message="what?")),
        ),
        "ImageUnavailable",
        id="an image that no waiting will bring",
    ),
]


RUNC = "failed to create containerd task: OCI runtime create failed: runc create failed: "


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            f'{RUNC}unable to start container process: exec: "nope": executable file not found in '
            "$PATH: unknown",
            "KernelNotFound",
        ),
        (f"{RUNC}exec /srv/kernel: exec format error", "KernelNotFound"),
        ('exec: "/srv/kernel": stat /srv/kernel: no such file or directory', "KernelNotFound"),
        ('exec: "/srv/kernel": permission denied', "KernelNotFound"),
        ("executable file `nope` not found in $PATH: No such file or directory", "KernelNotFound"),
        (f"{RUNC}can't get final child's PID from pipe: EOF", "StartFailed"),
        (f'{RUNC}error mounting "/a" to rootfs at "/b": no such file or directory', "StartFailed"),
        ("context deadline exceeded", "StartFailed"),
        ('exec: "python": cannot allocate memory', "StartFailed"),
        ("the keeper of the containers ended", "StartFailed"),
    ],
)
def test_a_kernel_that_the_node_could_not_start_is_tried_again_unless_its_command_is_to_blame(
    said: str, reason: str
) -> None:
    kernel = ended(128, reason="StartError", message=said, at=NOW - seconds(3))
    status = decide(a_view(an_execution(), a_pod(kernel=kernel))).status

    assert status is not None
    assert (status.reason, status.phase.is_final) == (reason, reason == "KernelNotFound")
    assert said in status.message


@pytest.mark.parametrize(("view", "reason"), ENDS)
def test_how_an_execution_ends(view: View, reason: str) -> None:
    status = decide(view).status

    assert status is not None
    assert (status.phase.is_final, status.reason) == (True, Reason(reason))
    assert status.finished_at is not None


def test_an_output_keeps_its_nulls_to_the_end() -> None:
    status = decide(a_view(running(), an_ended_pod(result=COMPLETED))).status

    assert status is not None
    assert status.to_wire()["output"] == {"n": None}


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("512Mi", "the kernel was killed for using more memory than its limit of 512Mi: in cell 3"),
        ("", "the kernel was killed for using more memory than its limit: in cell 3"),
    ],
)
def test_a_kernel_out_of_memory_is_told_with_its_limit(limit: str, said: str) -> None:
    kernel = ended(137, reason="OOMKilled")
    pod = an_ended_pod(result=DIED, kernel=kernel, kernel_memory_limit=limit)
    status = decide(a_view(running(), pod)).status

    assert status is not None
    assert status.message == said
