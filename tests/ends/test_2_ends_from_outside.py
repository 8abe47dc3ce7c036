"""Ends that somebody else brings about: who cancels, deletes, kills or edits meanwhile."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from rig.meeting import AnyPodbook
from rig.until import ON_A_NODE, eventually
from tests.ends.held import Held, held
from tests.support.ends import BEGAN, manifest, save

_ONE_AT_A_TIME: Any = {"defaults": {"maxConcurrent": 1}}
_NEVER_READY: Any = {"runtime": {"command": ["python", "-c", "import time; time.sleep(600)"]}}
_NUMBER: Any = {
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
}


def ended(run: Held) -> tuple[str, str]:
    return run.view["phase"], run.view["reason"]


def assert_nothing_runs_on(run: Held) -> None:
    eventually(lambda: not run.processes(), "its processes have ended")


def assert_finished(run: Held, reason: str) -> None:
    """What holds for every end: the condition, and a notebook on every surface."""
    conditions = {c["type"]: c for c in run.stored["status"]["conditions"]}
    assert (conditions["Finished"]["status"], conditions["Finished"]["reason"]) == ("True", reason)
    assert run.kept_notebook()
    assert "<html" in run.get(f"/api/notebook_executions/{run.name}/artifacts/html").text


def test_cancelled_while_its_cells_run(podbook: AnyPodbook, effects: Path) -> None:
    run = held(podbook, effects, "cancelled while running")
    run.wait_began()

    run.cancel()

    assert ended(run) == ("Cancelled", "Cancelled")
    assert BEGAN in run.kept_notebook()
    assert len(run.kernels()) == 1
    assert_finished(run, "Cancelled")
    assert_nothing_runs_on(run)


def test_cancelled_by_kubectl_while_a_cell_hangs_in_c(podbook: AnyPodbook, effects: Path) -> None:
    hangs = "import collections, itertools\ncollections.deque(itertools.repeat(0), maxlen=0)"
    run = held(podbook, effects, "cancelled in C", cells=(hangs,))
    run.wait_began()

    patch = json.dumps({"spec": {"cancel": True}})
    podbook.kubectl("patch", "nbx", run.name, "--type=merge", "-p", patch)

    assert ended(run) == ("Cancelled", "Cancelled")
    assert BEGAN in run.kept_notebook()
    assert_nothing_runs_on(run)


def test_cancelled_while_it_starts(podbook: AnyPodbook, effects: Path) -> None:
    run = held(podbook, effects, "cancelled while starting", config=_NEVER_READY)
    run.wait_phase("Starting")

    run.cancel()

    assert ended(run) == ("Cancelled", "Cancelled")
    assert run.kernels() == []
    assert_finished(run, "Cancelled")
    assert_nothing_runs_on(run)


def test_cancelled_while_it_waits_for_a_slot(podbook: AnyPodbook, effects: Path) -> None:
    first = held(podbook, effects, "cancelled in the queue", config=_ONE_AT_A_TIME)
    first.wait_began()
    second = first.again()

    second.cancel()

    assert ended(second) == ("Cancelled", "Cancelled")
    assert second.view["attempts"] == []
    assert_finished(second, "Cancelled")
    first.go_on()
    assert ended(first) == ("Succeeded", "NotebookCompleted")
    assert len(first.kernels()) == 1


def test_no_slot_in_time(podbook: AnyPodbook, effects: Path) -> None:
    first = held(podbook, effects, "waits in the queue", config=_ONE_AT_A_TIME)
    first.wait_began()

    second = first.again(queueTimeoutSeconds=1)

    assert ended(second) == ("Failed", "QueueTimeout")
    assert second.view["attempts"] == []
    assert "did not run: QueueTimeout" in second.kept_notebook()
    assert_finished(second, "QueueTimeout")
    first.go_on()
    assert ended(first) == ("Succeeded", "NotebookCompleted")


def test_a_notebook_that_is_edited_meanwhile_runs_as_it_was(
    podbook: AnyPodbook, effects: Path
) -> None:
    first = held(podbook, effects, "edited meanwhile", config=_ONE_AT_A_TIME)
    first.wait_began()
    second = first.again()
    digest = podbook.http.get("/v1/notebooks/edited-meanwhile").json()["digest"]

    save(podbook, first.end, effects / "after the edit")
    view = f"/v1/notebooks/{first.end.id}"
    eventually(lambda: podbook.http.get(view).json()["digest"] != digest, "the edit is seen")
    first.go_on()

    assert (ended(first), ended(second)) == (("Succeeded", "NotebookCompleted"),) * 2
    assert len(first.kernels()) == 2
    assert not (effects / "after the edit").exists()


def test_a_notebook_that_is_deleted_meanwhile(podbook: AnyPodbook, effects: Path) -> None:
    first = held(podbook, effects, "deleted meanwhile", config=_ONE_AT_A_TIME)
    first.wait_began()
    second = first.again()

    podbook.remove(first.end.id)
    view = f"/v1/notebooks/{first.end.id}"
    eventually(lambda: podbook.http.get(view).status_code == 404, "the deletion is seen")
    first.go_on()

    assert (ended(first), ended(second)) == (("Succeeded", "NotebookCompleted"),) * 2
    assert (first.view["output"], second.view["output"]) == ("done", "done")
    assert len(first.kernels()) == 2


@pytest.mark.parametrize(
    ("container", "number", "reason"),
    [
        pytest.param("kernel", signal.SIGKILL, "KernelDied", id="kernel killed"),
        pytest.param(
            *("kernel", signal.SIGSEGV, "KernelDied"),
            id="kernel crashed",
            marks=pytest.mark.skipif(
                ON_A_NODE,
                reason="Linux keeps it from the first process of a container; "
                "there a cell that crashes shows this end",
            ),
        ),
        pytest.param("runner", signal.SIGKILL, "InternalError", id="runner killed"),
    ],
)
def test_a_container_that_is_killed(
    podbook: AnyPodbook,
    effects: Path,
    container: str,
    number: signal.Signals,
    reason: str,
) -> None:
    run = held(podbook, effects, f"{container} gets {number.name}")
    run.wait_began()

    run.send(number, container)

    assert ended(run) == ("Failed", reason)
    assert [a["reason"] for a in run.view["attempts"]] == [reason]
    assert len(run.kernels()) == 1
    assert_finished(run, reason)
    assert_nothing_runs_on(run)


def test_the_logs_of_a_pod_that_is_killed_whole_are_there_when_it_is_gone(
    podbook: AnyPodbook, effects: Path
) -> None:
    run = held(podbook, effects, "all of its containers get SIGKILL")
    run.wait_began()

    # In this order nobody is left in the pod who could have its logs kept.
    for container in ("runner", "kernel"):
        run.send(signal.SIGKILL, container)

    assert ended(run) == ("Failed", "InternalError")
    run.wait_pod_gone()
    assert run.get(f"/v1/executions/{run.name}/log?container=runner").text


def test_a_kernel_that_is_frozen_ends_at_the_deadline(podbook: AnyPodbook, effects: Path) -> None:
    run = held(podbook, effects, "frozen", options={"deadlineSeconds": 3})
    run.wait_began()

    run.send(signal.SIGSTOP, "kernel")

    assert ended(run) == ("Failed", "DeadlineExceeded")
    assert BEGAN in run.kept_notebook()
    assert_finished(run, "DeadlineExceeded")
    eventually(lambda: "deletionTimestamp" in run.pod()["metadata"], "its pod is taken away")


def test_a_pod_that_is_deleted_by_hand(podbook: AnyPodbook, effects: Path) -> None:
    run = held(podbook, effects, "pod deleted")
    run.wait_began()

    run.delete_pod()

    assert ended(run) == ("Failed", "PodLost")
    assert BEGAN in run.kept_notebook()
    assert len(run.kernels()) == 1
    assert_finished(run, "PodLost")
    assert_nothing_runs_on(run)


def test_an_idempotent_notebook_is_run_again_when_its_pod_is_lost(
    podbook: AnyPodbook, effects: Path
) -> None:
    run = held(podbook, effects, "idempotent", config={"defaults": {"idempotent": True}})
    run.wait_began()

    run.delete_pod()
    run.wait_began(times=2)
    run.go_on()

    assert ended(run) == ("Succeeded", "NotebookCompleted")
    assert [a["reason"] for a in run.view["attempts"]] == ["PodLost", "NotebookCompleted"]
    assert len(run.kernels()) == 2


def test_an_execution_that_is_deleted_takes_its_run_with_it(
    podbook: AnyPodbook, effects: Path
) -> None:
    run = held(podbook, effects, "execution deleted")
    run.wait_began()
    pod = run.pod()["metadata"]["uid"]

    podbook.kubectl("delete", "nbx", run.name, "--timeout=90s")

    eventually(lambda: not podbook.processes_of(pod, run.kernels()), "its processes have ended")
    assert podbook.http.get(f"/v1/executions/{run.name}").status_code == 404
    assert len(run.kernels()) == 1


def test_parameters_that_kubectl_sends_are_checked_before_there_is_a_pod(
    podbook: AnyPodbook, effects: Path
) -> None:
    first = held(podbook, effects, "picky", config={"input": _NUMBER}, options=_five(5))
    wrong = manifest("wrong-parameters", {"notebook": {"name": "picky"}, **_five("five")})

    podbook.kubectl("apply", "-f", "-", stdin=json.dumps(wrong))

    run = Held(podbook, first.end, first.effects, "wrong-parameters")
    assert ended(run) == ("Failed", "InvalidParameters")
    assert "/parameters/number" in run.view["message"]
    assert run.view["attempts"] == []
    assert_finished(run, "InvalidParameters")
    first.go_on()
    assert ended(first) == ("Succeeded", "NotebookCompleted")
    assert len(first.kernels()) == 1


def test_an_execution_of_a_notebook_yet_to_come_waits_for_it(
    podbook: AnyPodbook, effects: Path
) -> None:
    early = manifest("too-early", {"notebook": {"name": "yet-to-come"}})
    podbook.kubectl("apply", "-f", "-", stdin=json.dumps(early))
    waiting = "--for=jsonpath={.status.reason}=NotebookNotFound"
    podbook.kubectl("wait", waiting, "nbx/too-early", "--timeout=90s")

    other = held(podbook, effects, "yet to come")
    other.go_on()

    run = Held(podbook, other.end, other.effects, "too-early")
    assert ended(run) == ended(other) == ("Succeeded", "NotebookCompleted")
    assert len(run.kernels()) == 2


def _five(value: Any) -> dict[str, Any]:
    return {"parameters": {"number": value}}
