"""Any process may be killed at any moment: the end is the same, or a true failure.

User code runs at most once in all of it: the notebook appends a line to a file, outside of its
pod, when it starts.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from rig.ipynb import notebook
from rig.meeting import AnyPodbook
from rig.until import eventually

STEPS = notebook(
    "import pathlib, time\n"
    "folder = pathlib.Path(folder)\n"
    "with (folder / 'started').open('a') as started:\n"
    "    started.write('once\\n')",
    # Held in the middle of its cells until the test lets it go on.
    "while not (folder / 'go').exists():\n    time.sleep(0.01)",
    "from podbook import save_output\nsave_output('done')",
    parameters="folder = ''",
)


@dataclass
class Run:
    """One execution of the notebook above, and the folder through which it is watched."""

    podbook: AnyPodbook
    folder: Path
    id: str = ""

    def submit(self, notebook_id: str = "steps") -> None:
        # A retry of the same call is the same execution: an API that was just killed gets another.
        def posted() -> Any:
            headers = {"Idempotency-Key": self.folder.name}
            body = {"parameters": {"folder": str(self.folder)}}
            path = f"/v1/notebooks/{notebook_id}/executions"
            answer = self.podbook.http.post(path, json=body, headers=headers)
            return answer.json() if answer.status_code in {200, 202} else None

        self.id = eventually(posted, "the execution is made")["id"]

    def wait_started(self) -> None:
        eventually((self.folder / "started").exists, "the cells run")

    def go_on(self) -> None:
        (self.folder / "go").touch()

    def times_started(self) -> int:
        path = self.folder / "started"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def kill_container(self, name: str) -> None:
        """Kill -9 the main process of the attempt's container, as soon as it is there."""
        uid = self.pod()["metadata"]["uid"]
        pid = eventually(lambda: self.podbook.main_process(uid, name), f"{name} runs")
        os.kill(pid, signal.SIGKILL)

    def pod(self) -> Any:
        """Return its pod as soon as it is there."""
        return eventually(lambda: self.podbook.pod_of(self.id), "it has a pod")


@pytest.fixture(scope="module", autouse=True)
def steps(podbook: AnyPodbook) -> None:
    podbook.put("steps", STEPS)


@pytest.fixture
def run(podbook: AnyPodbook) -> Run:
    return new_run(podbook)


def new_run(podbook: AnyPodbook) -> Run:
    return Run(podbook, podbook.shared_folder(f"run-{uuid4().hex}"))


@pytest.mark.parametrize("part", ["operator", "api", "cluster"])
def test_a_part_killed_at_any_moment_changes_nothing(podbook: AnyPodbook, part: str) -> None:
    """One run exists, hardly more; the cells of one run; the result of one is on its way."""
    just_posted, cells_run, about_to_end = runs = [new_run(podbook) for _ in range(3)]
    for run in (cells_run, about_to_end):
        run.submit()
        run.wait_started()
    just_posted.submit()
    about_to_end.go_on()

    podbook.kill(part)
    for run in runs:
        run.go_on()

    for run in runs:
        execution = podbook.finished(run.id)
        assert (execution["phase"], execution["reason"]) == ("Succeeded", "NotebookCompleted")
        assert execution["output"] == "done"
        assert run.times_started() == 1


def test_a_killed_kernel_is_told_as_such_with_the_notebook_so_far(run: Run) -> None:
    run.submit()
    run.wait_started()

    run.kill_container("kernel")

    execution = run.podbook.finished(run.id)
    assert (execution["phase"], execution["reason"]) == ("Failed", "KernelDied")
    assert "notebook.ipynb" in {artifact["name"] for artifact in execution["artifacts"]}
    assert run.times_started() == 1


def test_a_runner_killed_while_cells_run_is_a_fault_of_the_cluster_and_no_second_run(
    run: Run,
) -> None:
    run.submit()
    run.wait_started()

    run.kill_container("runner")

    execution = run.podbook.finished(run.id)
    assert (execution["phase"], execution["reason"]) == ("Failed", "InternalError")
    assert len(execution["attempts"]) == 1
    assert run.times_started() == 1


@pytest.mark.parametrize("container", ["kernel", "runner"])
def test_a_container_killed_before_anything_was_claimed_gets_another_attempt(
    run: Run, container: str
) -> None:
    gate = run.folder / "gate"
    run.podbook.put(f"gated-{container}", STEPS, {"runtime": {"command": _gated(gate)}})
    run.submit(f"gated-{container}")
    run.kill_container(container)
    gate.touch()
    run.go_on()

    execution = run.podbook.finished(run.id)

    assert execution["phase"] == "Succeeded"
    assert len(execution["attempts"]) == 2
    assert run.times_started() == 1


def test_a_pod_that_is_deleted_while_cells_run_is_lost_and_not_run_again(run: Run) -> None:
    run.submit()
    run.wait_started()

    run.podbook.kubectl("delete", "pod", run.pod()["metadata"]["name"], "--wait=false")

    execution = run.podbook.finished(run.id)
    assert (execution["phase"], execution["reason"]) == ("Failed", "PodLost")
    assert run.times_started() == 1


def _gated(gate: Path) -> list[str]:
    """Return a kernel's command that is held until the gate is there: nothing is claimed before."""
    start = "exec python -m ipykernel_launcher -f"
    return [
        "sh",
        "-c",
        f"until [ -e {gate} ]; do sleep 0.05; done; {start} $0",
        "{connection_file}",
    ]
