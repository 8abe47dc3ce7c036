"""An output that takes long to check takes nothing with it: it is stored before it is judged."""

import json

import pytest

from podbook_crds.ends.reasons import Reason
from podbook_runner.reporting.judgement import in_bounds, is_judged_at_once, judge
from podbook_runner.reporting.output import parsed
from rig.runner_pod import a_job, a_pod, ipynb, run
from tests.support.hostile import HOSTILE

SCHEMA, OUTPUT = HOSTILE["allOf doubled"]
SAVES = ipynb(f"from podbook import save_output\nsave_output({OUTPUT!r})")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_output_is_checked_without_bounds(name: str) -> None:
    schema, value = HOSTILE[name]
    job, saved = a_job(SAVES, output=schema), parsed(json.dumps(value).encode())

    assert not is_judged_at_once(saved, job)
    reason, (violation,) = judge(saved, job, in_bounds(seconds=1))
    assert reason is Reason.OUTPUT_INVALID
    assert violation.message.startswith("could not be checked within 1 s")


def test_the_deadline_holds_while_the_output_is_checked() -> None:
    pod = run(a_job(SAVES, output=SCHEMA, deadline_seconds=5))

    told = pod.intake.result
    assert told.reason is Reason.DEADLINE_EXCEEDED
    assert told.message == "the output was being checked when 5 s were over"
    assert {artifact.name for artifact in told.artifacts} >= {"notebook.ipynb", "output.json"}
    assert told.output == OUTPUT


def test_a_stop_while_the_output_is_checked_loses_neither_output_nor_notebook() -> None:
    with a_pod(a_job(SAVES, output=SCHEMA)) as pod:
        pod.until(lambda: "output.json" in pod.intake.artifacts)
        assert pod.message is None or pod.message.reason is not Reason.NOTEBOOK_COMPLETED
        pod.runner.terminate()
        pod.wait()

    told = pod.intake.result
    assert (told.reason, told.interrupted) == (Reason.CANCELLED, True)
    assert told.output == OUTPUT
    assert {artifact.name for artifact in told.artifacts} >= {"notebook.ipynb", "output.json"}
