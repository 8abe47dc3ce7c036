"""A run, from the claim to the result, with a real kernel and a real runner."""

import json

from podbook_crds.ends.reasons import Reason
from rig.runner_pod import a_job, ipynb, run

SAVES = "from podbook import save_output\nsave_output({'doubled': 2 * x})"


def test_a_notebook_gets_its_parameters_and_its_output_comes_back() -> None:
    pod = run(a_job(ipynb("x = 1", SAVES, tags={0: ["parameters"]}), parameters='{"x": 21}'))
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_COMPLETED
    assert result.output == {"doubled": 42}
    assert json.loads(pod.intake.artifacts["output.json"]) == {"doubled": 42}
    assert (result.cells.total, result.cells.completed) == (3, 3)
    assert [cell.source for cell in pod.notebook.cells][1] == "# Parameters\nx = 21\n"
    assert result.started_at is not None
    assert result.finished_at is not None
    assert result.finished_at > result.started_at


def test_a_cell_that_raises_is_the_answer_with_the_notebook_as_far_as_it_got() -> None:
    pod = run(a_job(ipynb("print('before')", "raise ValueError('no such customer')", "print(1)")))
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_RAISED
    assert result.message == "ValueError: no such customer"
    assert result.exception is not None
    assert (result.exception.name, result.exception.cell) == ("ValueError", 1)
    assert "no such customer" in pod.intake.artifacts["exception.txt"].decode()
    assert pod.notebook.cells[0].outputs[0].text == "before\n"
    assert pod.notebook.cells[2].outputs == []
