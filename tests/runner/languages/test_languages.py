"""Other languages: the same way, with what their kernels can do."""

import json
import subprocess

import pytest

from podbook_crds.ends.reasons import Reason
from rig.runner_pod import BASH_KERNEL, Pod, a_job, a_pod, ipynb

HEAD = "name=nobody"
SAVES = 'printf \'{"name": "%s", "times": %s}\' "$name" "$times" > "$PODBOOK_OUTPUT"'


def test_bash_gets_its_parameters_saves_its_output_and_leaves_files() -> None:
    cells = (
        HEAD,
        'echo "hello $name in $(basename "$PWD")"',
        SAVES,
        "mkdir artifacts; echo x > artifacts/x",
    )
    job = a_job(
        ipynb(*cells, tags={0: ["parameters"]}),
        notebook_id="sub/greet",
        language="bash",
        parameters=json.dumps({"name": 'it\'s "me"; exit 1 $(false)', "times": 3}),
    )

    with a_pod(job, kernel=BASH_KERNEL) as pod:
        result = pod.wait()

    assert result.reason is Reason.OUTPUT_INVALID  # A quote in the name is bash's own business.
    assert pod.notebook.cells[2].outputs[0].text == 'hello it\'s "me"; exit 1 $(false) in sub\n'
    assert pod.intake.artifacts["files/x"] == b"x\n"


def test_bash_output_is_judged_like_any_other() -> None:
    job = a_job(
        ipynb(SAVES),
        language="bash",
        parameters='{"name": "Ada", "times": 3}',
        output={"type": "object"},
    )

    for _ in range(3):
        with a_pod(job, kernel=BASH_KERNEL) as pod:
            result = pod.wait()
            has_left = _has_left(pod)
        assert (result.reason, result.output) == (
            Reason.NOTEBOOK_COMPLETED,
            {"name": "Ada", "times": 3},
        )
        if has_left:
            return
    pytest.fail("a kernel that was asked to leave never does")


def _has_left(pod: Pod) -> bool:
    """Tell whether its kernel ended in order.

    ipykernel may flush what nobody reads for 10 s a stream, and its threads race at their end: now
    and then it aborts, or waits for one that writes where nobody reads. A node ends those.
    """
    assert pod.kernel is not None
    try:
        return pod.kernel.wait(30) == 0
    except subprocess.TimeoutExpired:
        return False


def test_the_deadline_ends_a_bash_cell() -> None:
    job = a_job(ipynb("echo before; sleep 60"), language="bash", deadline_seconds=1)

    with a_pod(job, kernel=BASH_KERNEL) as pod:
        result = pod.wait()

    assert result.reason is Reason.DEADLINE_EXCEEDED
    assert pod.notebook.cells[0].outputs[0].text.startswith("before\n")


def test_a_value_that_a_language_cannot_write_is_refused() -> None:
    job = a_job(ipynb("echo"), language="bash", parameters='{"x": {"a": 1}}')

    with a_pod(job, kernel=BASH_KERNEL) as pod:
        result = pod.wait()

    assert result.reason is Reason.INVALID_PARAMETERS
    assert "variables of Bash hold texts and numbers only" in result.message
