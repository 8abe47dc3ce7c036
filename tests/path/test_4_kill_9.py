"""Any process may be killed at any moment: the end is the same, or a true failure.

User code runs at most once in all of it: the notebook appends a line to a file, outside of its
pod, when it starts.
"""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.ipynb import notebook
from tests.support.running import RunningPodbook, eventually

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

    podbook: RunningPodbook
    folder: Path
    id: str = ""
    # The pods that were there before it: their names tell them apart without asking anybody,
    # which would take longer than a kernel takes to start.
    earlier: frozenset[str] = frozenset()

    @property
    def pods(self) -> Path:
        return self.podbook.data / "cluster" / "pods"

    def submit(self) -> None:
        # A retry of the same call is the same execution: an API that was just killed gets another.
        def posted() -> Any:
            headers = {"Idempotency-Key": self.folder.name}
            body = {"parameters": {"folder": str(self.folder)}}
            path = "/v1/notebooks/steps/executions"
            answer = self.podbook.http.post(path, json=body, headers=headers)
            return answer.json() if answer.status_code in {200, 202} else None

        self.earlier = frozenset(path.name for path in self.pods.glob("*"))
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

        def pid() -> int | None:
            for path in self.pods.glob(f"*/containers/{name}.json"):
                ended = path.with_name(f"{name}.ended.json")
                if path.parents[1].name not in self.earlier and not ended.exists():
                    return _pid_in(path)
            return None

        os.kill(eventually(pid, f"{name} runs"), signal.SIGKILL)


def _pid_in(record: Path) -> int | None:
    """Return the pid in a record, None while it is half written."""
    try:
        found: int = json.loads(record.read_text())["pid"]
    except ValueError:
        return None
    return found


@pytest.fixture(scope="module", autouse=True)
def steps(podbook: RunningPodbook) -> None:
    podbook.put("steps", STEPS)


@pytest.fixture
def run(podbook: RunningPodbook, tmp_path: Path) -> Run:
    return Run(podbook, tmp_path)


def just_posted(run: Run) -> None:
    """The execution exists, hardly more."""


def cells_run(run: Run) -> None:
    """User code is running."""
    run.wait_started()


def about_to_end(run: Run) -> None:
    """The result is on its way."""
    run.wait_started()
    run.go_on()


@pytest.mark.parametrize("part", ["operator", "api", "cluster"])
@pytest.mark.parametrize("moment", [just_posted, cells_run, about_to_end])
def test_a_part_killed_at_any_moment_changes_nothing(
    run: Run, part: str, moment: Callable[[Run], None]
) -> None:
    run.submit()
    moment(run)

    run.podbook.kill(part)
    run.go_on()

    execution = run.podbook.finished(run.id)
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
    run.submit()
    run.kill_container(container)
    run.go_on()

    execution = run.podbook.finished(run.id)

    assert execution["phase"] == "Succeeded"
    assert len(execution["attempts"]) == 2
    assert run.times_started() == 1


def test_a_pod_that_is_deleted_while_cells_run_is_lost_and_not_run_again(run: Run) -> None:
    run.submit()
    run.wait_started()
    selector = f"--field-selector=metadata.name={pod_of(run)}"

    run.podbook.kubectl("delete", "pods", selector, "--wait=false")

    execution = run.podbook.finished(run.id)
    assert (execution["phase"], execution["reason"]) == ("Failed", "PodLost")
    assert run.times_started() == 1


def pod_of(run: Run) -> str:
    return run.podbook.kubectl(
        "get",
        "pods",
        "-o",
        f"jsonpath={{.items[?(@.metadata.annotations.podbook\\.dev/execution-name=='{run.id}')].metadata.name}}",
    )
