"""Before the first cell: the kernel that is waited for, the claim, the notebook's content."""

import sys

import pytest

from podbook_crds import names
from podbook_crds.content import blob_digest
from podbook_crds.ends.reasons import Reason
from podbook_crds.protocol import intake as routes
from podbook_crds.protocol.job import Job, JobFile
from rig.fake_intake import FakeIntake
from rig.runner_pod import a_job, a_pod, ipynb


def _listens(then: str) -> tuple[str, ...]:
    """Return the command of a kernel that binds its socket and does no more than that."""
    code = (
        "import json, os, time, zmq; c = json.load(open('../info/connection.json'));"
        "s = zmq.Context().socket(zmq.ROUTER); s.bind(f\"ipc://{c['ip']}-{c['shell_port']}\");"
    )
    return (sys.executable, "-c", code + then)


def test_a_signal_before_the_kernel_answers_ends_the_run() -> None:
    with a_pod(a_job(ipynb("1")), kernel=_listens("time.sleep(60)")) as pod:
        pod.intake.wait_for(routes.CLAIM_PATH)
        pod.runner.terminate()
        result = pod.wait()

    assert (result.reason, result.interrupted) == (Reason.CANCELLED, True)


def test_nothing_is_claimed_before_the_kernel_is_there() -> None:
    with a_pod(a_job(ipynb("1")), kernel=None) as pod:
        pod.until(lambda: "waiting for the kernel" in pod.log.read_text())
        pod.runner.terminate()
        status = pod.runner.wait(60)

    assert status == 1
    assert pod.intake.requests == []
    assert pod.intake.results == []


def test_a_signal_before_the_claim_ends_the_runner_without_a_report() -> None:
    intake = FakeIntake(failures={routes.CLAIM_PATH: [503] * 1000})
    with a_pod(a_job(ipynb("1")), intake=intake) as pod:
        intake.wait_for(routes.CLAIM_PATH)
        pod.runner.terminate()
        pod.runner.wait(60)
        assert pod.message is None


def test_an_intake_that_is_away_for_long_is_left_for_the_operator_to_know() -> None:
    intake = FakeIntake(failures={routes.CLAIM_PATH: [503] * 1000})
    environment = {names.ENV_START_SECONDS: "1"}
    with a_pod(a_job(ipynb("1")), intake=intake, environment=environment) as pod:
        assert pod.kernel is not None
        assert pod.runner.wait(60) == 1
        assert pod.message is not None
        assert pod.message.reason is Reason.INTAKE_UNAVAILABLE
        assert pod.kernel.wait(60) == 0


def test_a_kernel_that_ends_before_it_answers_is_reported() -> None:
    connects_and_dies = _listens("s.recv_multipart(); os._exit(1)")
    with a_pod(a_job(ipynb("1")), kernel=connects_and_dies) as pod:
        result = pod.wait()

    assert result.reason is Reason.KERNEL_DIED
    assert result.message == "the kernel ended before its first answer"


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("time.sleep(600)", id="no answer at all"),
        pytest.param("s.recv_multipart(); time.sleep(600)", id="it took the request"),
    ],
)
def test_a_kernel_that_listens_and_never_answers_is_not_waited_for_without_end(then: str) -> None:
    environment = {names.ENV_START_SECONDS: "1"}
    with a_pod(a_job(ipynb("1")), kernel=_listens(then), environment=environment) as pod:
        result = pod.wait()
        left = pod.message

    assert result.reason is Reason.START_TIMEOUT
    assert "no answer for 1 s" in result.message
    assert (result.interrupted, result.started_at, result.cells.total) == (False, None, 0)
    assert left == result


def a_job_in_blobs() -> tuple[Job, dict[str, bytes]]:
    """Return a job of which nothing travels with it, and the blobs that it names."""
    data = ipynb("print(open('data.csv').read())").encode()
    files = [JobFile(path="data.csv", digest=blob_digest(b"1,2"), size=3)]
    blobs = {blob_digest(data): data, blob_digest(b"1,2"): b"1,2"}
    source = JobFile(path="analysis.ipynb", digest=blob_digest(data), size=len(data))
    return a_job("", files=files).model_copy(update={"ipynb": source}), blobs


def test_blobs_are_fetched() -> None:
    job, blobs = a_job_in_blobs()
    with a_pod(job, intake=FakeIntake(blobs=blobs)) as pod:
        pod.wait()

    assert pod.notebook.cells[0].outputs[0].text == "1,2\n"


@pytest.mark.parametrize(
    ("has", "failures", "reason"),
    [
        pytest.param(None, [], Reason.NOTEBOOK_CHANGED, id="gone"),
        pytest.param(b"3,4", [], Reason.INVALID_NOTEBOOK, id="of another digest"),
        pytest.param(b"", [503] * 1000, Reason.START_FAILED, id="the intake is away"),
    ],
)
def test_what_it_means_that_content_cannot_be_had(
    has: bytes | None, failures: list[int], reason: Reason
) -> None:
    job, blobs = a_job_in_blobs()
    kept = {} if has is None else dict.fromkeys(blobs, has)
    intake = FakeIntake(blobs=kept, failures={routes.BLOBS_PATH: failures})
    with a_pod(job, intake=intake, environment={names.ENV_UPLOAD_SECONDS: "0.5"}) as pod:
        assert pod.wait().reason is reason
