"""Artifacts first, result last, and the termination message whatever happens."""

import hashlib
import json
import os
import signal
from pathlib import Path

import pytest

from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol import intake as routes
from podbook_crds.protocol.job import JobFile
from rig.fake_intake import FakeIntake
from rig.runner_pod import Pod, a_job, a_pod, ipynb

SAVES = "from podbook import save_output\nsave_output(%s)"
SEEN = "open('seen', 'w').close()"
SLEEPS = f"print('so far', flush=True)\n{SEEN}\nimport time\ntime.sleep(60)"


def wait_for_output(pod: Pod, name: str = "seen") -> None:
    """Wait until the notebook has made a file in the work folder."""
    pod.until((pod.work / name).exists)


def test_the_result_is_handed_in_after_its_artifacts_and_left_behind() -> None:
    with a_pod(a_job(ipynb(SAVES % {"a": 1}))) as pod:
        result = pod.wait()
        left = pod.message

    paths = [path for _, path in pod.intake.requests]
    assert paths[-1] == routes.RESULT_PATH
    told_at = paths.index(routes.RESULT_PATH)
    assert not [path for path in paths[told_at:] if path.startswith(routes.ARTIFACTS_PATH)]
    assert {artifact.name for artifact in result.artifacts} == {"notebook.ipynb", "output.json"}
    for artifact in result.artifacts:
        stored = pod.intake.artifacts[artifact.name]
        assert artifact.digest == f"sha256:{hashlib.sha256(stored).hexdigest()}"
        assert artifact.size == len(stored)
    assert left == result


@pytest.mark.parametrize(
    "failures",
    [
        pytest.param({routes.CLAIM_PATH: [503, 500, 401]}, id="at the claim"),
        pytest.param({routes.ARTIFACTS_PATH: [503, 502, 429]}, id="at the upload"),
        pytest.param({routes.RESULT_PATH: [503, 504, 500]}, id="at the result"),
    ],
)
def test_an_intake_that_fails_for_a_while_is_asked_again(failures: dict[str, list[int]]) -> None:
    with a_pod(a_job(ipynb("1")), intake=FakeIntake(failures=failures)) as pod:
        result = pod.wait()

    assert result.reason is Reason.NOTEBOOK_COMPLETED
    assert not result.artifacts_lost
    assert "notebook.ipynb" in pod.intake.artifacts


def test_the_token_is_read_anew_for_every_request() -> None:
    replaces = "import os\nopen('../token/token', 'w').write('the-next-token')"
    with a_pod(a_job(ipynb(replaces))) as pod:
        pod.wait()

    assert pod.intake.tokens[0] == "Bearer a-token"
    assert pod.intake.tokens[-1] == "Bearer the-next-token"


def test_a_store_that_takes_nothing_costs_the_artifacts_and_not_the_outcome() -> None:
    failures = {routes.ARTIFACTS_PATH: [503] * 1000}
    with a_pod(
        a_job(ipynb(SAVES % {"a": 1})),
        intake=FakeIntake(failures=failures),
        environment={names.ENV_UPLOAD_SECONDS: "0.5"},
    ) as pod:
        result = pod.wait()

    assert (result.reason, result.output) == (Reason.NOTEBOOK_COMPLETED, {"a": 1})
    assert result.artifacts_lost
    assert result.artifacts == []


def test_an_intake_that_never_answers_leaves_the_truth_in_the_termination_message() -> None:
    failures = {routes.ARTIFACTS_PATH: [503] * 1000, routes.RESULT_PATH: [503] * 1000}
    with a_pod(
        a_job(ipynb("raise ValueError('no')")),
        intake=FakeIntake(failures=failures),
        environment={names.ENV_UPLOAD_SECONDS: "0.5"},
    ) as pod:
        assert pod.runner.wait(60) == 0
        left = pod.message

    assert left is not None
    assert (left.reason, left.message) == (Reason.NOTEBOOK_RAISED, "ValueError: no")
    assert left.artifacts_lost


def test_a_runner_that_is_killed_while_it_uploads_has_left_the_truth_behind() -> None:
    failures = {routes.ARTIFACTS_PATH: [503] * 1000}
    intake = FakeIntake(failures=failures)
    with a_pod(a_job(ipynb("raise ValueError('no')")), intake=intake) as pod:
        intake.wait_for(f"{routes.ARTIFACTS_PATH}/{names.NOTEBOOK_ARTIFACT}")
        pod.runner.kill()
        pod.runner.wait(60)
        left = pod.message

    assert left is not None
    assert (left.reason, left.message) == (Reason.NOTEBOOK_RAISED, "ValueError: no")
    assert left.artifacts_lost


def test_an_artifact_that_the_store_lost_is_uploaded_again() -> None:
    intake = FakeIntake(loses=["notebook.ipynb"])
    with a_pod(a_job(ipynb("1")), intake=intake) as pod:
        result = pod.wait()

    assert "notebook.ipynb" in pod.intake.artifacts
    assert [artifact.name for artifact in result.artifacts] == ["notebook.ipynb"]


def test_a_pod_that_is_not_to_run_starts_no_cell_and_reports_nothing() -> None:
    marks = "open('../ran', 'w').close()"
    with a_pod(a_job(ipynb(marks)), intake=FakeIntake(gone="final")) as pod:
        assert pod.runner.wait(60) == 0
        assert pod.message is None
        assert not (pod.root / "ran").exists()
    assert pod.intake.results == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_interrupts_saves_and_reports(number: signal.Signals) -> None:
    job = a_job(ipynb(SAVES % {"a": 1}, SLEEPS, "1"))
    with a_pod(job) as pod:
        wait_for_output(pod)
        pod.runner.send_signal(number)
        result = pod.wait()

    assert (result.reason, result.interrupted) == (Reason.CANCELLED, True)
    assert result.message == "stopped from outside in cell 1"
    assert (result.cells.total, result.cells.completed) == (3, 1)
    assert pod.notebook.cells[1].outputs[0].text == "so far\n"
    assert json.loads(pod.intake.artifacts["output.json"]) == {"a": 1}


def test_a_signal_ends_a_kernel_that_cannot_be_interrupted() -> None:
    with a_pod(a_job(ipynb(f"{SEEN}\nsum(iter(int, 1))"))) as pod:
        wait_for_output(pod)
        pod.runner.terminate()
        result = pod.wait()

    assert result.interrupted


def test_what_goes_wrong_in_the_runner_itself_is_called_so() -> None:
    files = [JobFile(path=path, digest="", size=0, text="") for path in ("a", "a/b")]
    with a_pod(a_job(ipynb("1"), files=files)) as pod:
        result = pod.wait()

    assert result.reason is Reason.INTERNAL_ERROR
    assert result.message.startswith("the runner failed: ")


def test_what_goes_wrong_after_the_cells_leaves_the_notebook(tmp_path: Path) -> None:
    wrong = "def wrong(_):\n    raise OSError('no more files')\n"
    patch = f"from podbook_runner.reporting import artifacts\n{wrong}artifacts.collect = wrong\n"
    (tmp_path / "sitecustomize.py").write_text(patch)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with a_pod(a_job(ipynb("print('so far')")), environment={"PYTHONPATH": path}) as pod:
        result = pod.wait()

    assert (result.reason, "no more files" in result.message) == (Reason.INTERNAL_ERROR, True)
    assert pod.notebook.cells[0].outputs[0].text == "so far\n"


def test_what_goes_wrong_while_cells_run_loses_nothing_that_they_left(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "from podbook_runner.showing.screen import Screen\n"
        "take = Screen.take\n"
        "def wrong(screen, message):\n"
        "    if screen._index == 1: raise OSError('no more files')\n"
        "    take(screen, message)\n"
        "Screen.take = wrong\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    first = "import os; os.mkdir('artifacts'); open('artifacts/kept.txt', 'w').close()"
    job = a_job(ipynb(f"{first}\n{SAVES % {'a': 1}}\nprint('so far')", "print('on')"))
    with a_pod(job, environment={"PYTHONPATH": path}) as pod:
        result = pod.wait()

    assert (result.reason, "no more files" in result.message) == (Reason.INTERNAL_ERROR, True)
    assert pod.notebook.cells[0].outputs[-1].text == "so far\n"
    assert json.loads(pod.intake.artifacts["output.json"]) == {"a": 1}
    assert "files/kept.txt" in pod.intake.artifacts


def test_a_signal_leaves_little_time_for_an_intake_that_is_down() -> None:
    intake = FakeIntake(failures={routes.ARTIFACTS_PATH: [503] * 1000})
    environment = {names.ENV_GRACE_SECONDS: "6"}
    with a_pod(a_job(ipynb(SLEEPS)), intake=intake, environment=environment) as pod:
        wait_for_output(pod)
        pod.runner.terminate()
        result = pod.wait(20)

    assert (result.interrupted, result.artifacts_lost) == (True, True)
