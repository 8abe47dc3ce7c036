"""Ends that only the runner sees; tests/ends shows every end on every surface."""

import pytest

from podbook_crds.ends.reasons import Reason
from rig.runner_pod import Pod, a_job, a_pod, ipynb, run


def reported(pod: Pod) -> tuple[Reason, str]:
    return pod.intake.result.reason, pod.intake.result.message


@pytest.mark.parametrize(
    ("cell", "reason", "said", "last_runs"),
    [
        pytest.param("raise SystemExit", Reason.NOTEBOOK_COMPLETED, "", False, id="SystemExit"),
        pytest.param("exit()", Reason.NOTEBOOK_COMPLETED, "", False, id="exit()"),
        pytest.param("quit", Reason.NOTEBOOK_COMPLETED, "", False, id="quit"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            Reason.KERNEL_DIED,
            "the kernel died while cell 1 was running",
            False,
            id="SIGKILL",
        ),
        pytest.param(
            "name = input('Your name? ')",
            Reason.NOTEBOOK_RAISED,
            "nobody is there to answer input(); make it a parameter",
            False,
            id="input()",
        ),
        pytest.param("raise KeyboardInterrupt", Reason.NOTEBOOK_RAISED, "Keyb", False, id="^C"),
        pytest.param(
            "await __import__('asyncio').sleep(0)", Reason.NOTEBOOK_COMPLETED, "", True, id="await"
        ),
    ],
)
def test_a_cell_decides_the_end(cell: str, reason: Reason, said: str, last_runs: bool) -> None:
    pod = run(a_job(ipynb("print('first')", cell, "print('last')")))

    assert reported(pod)[0] is reason
    assert said in reported(pod)[1]
    first, _, last = pod.notebook.cells
    assert first.outputs[0].text == "first\n"
    assert bool(last.outputs) is last_runs


def test_a_tagged_cell_may_raise_and_the_next_one_runs() -> None:
    pod = run(a_job(ipynb("1 / 0", "print('on')", tags={0: ["raises-exception"]})))

    assert reported(pod) == (Reason.NOTEBOOK_COMPLETED, "")
    assert pod.notebook.cells[0].outputs[0].ename == "ZeroDivisionError"
    assert pod.notebook.cells[1].outputs[0].text == "on\n"


def test_a_failing_magic_shows_its_error_in_the_notebook() -> None:
    pod = run(a_job(ipynb("%no_such_magic")))

    assert [output.output_type for output in pod.notebook.cells[0].outputs][-1] == "error"


def test_a_traceback_of_ten_megabytes_is_kept_whole_beside_a_bounded_notebook() -> None:
    pod = run(a_job(ipynb("raise ValueError('start ' + 'x' * 10_000_000 + ' end')")))
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_RAISED
    assert result.exception is not None
    assert len(result.exception.traceback) <= 8 * 1024
    assert result.exception.traceback.rstrip().endswith("end")
    assert len(pod.intake.artifacts["exception.txt"]) > 10_000_000
    assert len(pod.intake.artifacts["notebook.ipynb"]) < 1_000_000


def test_the_deadline_interrupts_a_cell_and_keeps_what_it_had_printed() -> None:
    cell = "print('so far', flush=True)\nimport time\ntime.sleep(60)"
    pod = run(a_job(ipynb(cell, "print('never')"), deadline_seconds=1))

    assert reported(pod)[0] is Reason.DEADLINE_EXCEEDED
    outputs = pod.notebook.cells[0].outputs
    assert outputs[0].text == "so far\n"
    assert outputs[-1].ename == "KeyboardInterrupt"
    assert pod.notebook.cells[1].outputs == []


def test_a_kernel_that_is_done_leaves_by_itself() -> None:
    with a_pod(a_job(ipynb("1"))) as pod:
        pod.wait()
        assert pod.kernel is not None
        assert pod.kernel.wait(10) == 0


def test_a_notebook_cannot_undo_its_failure_from_within() -> None:
    cell = (
        "import IPython.display as d\n"
        "meta = {'papermill': {'exception': False}}\n"
        "d.publish_display_data({'text/plain': 'ok'}, metadata=meta)\n"
        "raise ValueError('still')"
    )

    assert reported(run(a_job(ipynb(cell)))) == (Reason.NOTEBOOK_RAISED, "ValueError: still")


def test_parameters_that_cannot_become_code_are_refused_with_the_notebook_as_it_was() -> None:
    pod = run(a_job(ipynb("1"), parameters='{"x = 1; import os": 1}'))

    assert reported(pod)[0] is Reason.INVALID_PARAMETERS
    assert "is not an identifier" in reported(pod)[1]
    assert pod.notebook.cells[0].source == "1"
