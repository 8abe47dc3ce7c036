"""R for real, by IRkernel: plots, errors and a stop from outside."""

import json
from pathlib import Path

import pytest

from podbook_crds.ends.reasons import Reason
from rig.runner_pod import a_job, a_pod, ipynb
from tests.runner.parameters.test_foreign_cell import R_KERNEL, _has_irkernel
from tests.support import documents

pytestmark = pytest.mark.skipif(
    not _has_irkernel(), reason="needs R with IRkernel (Debian: r-cran-irkernel)"
)


def test_a_plot_is_kept_and_an_error_ends_the_run_as_it_was_shown() -> None:
    cells = ("n <- 1", "options(bitmapType = 'cairo'); plot(seq_len(n))", "stop('no data')", "1")
    parameters = json.dumps({"n": 3, "names": ["a", None, "é"]})
    job = a_job(ipynb(*cells, tags={0: ["parameters"]}), language="r", parameters=parameters)

    with a_pod(job, kernel=R_KERNEL) as pod:
        result = pod.wait(120)

    assert result.reason is Reason.NOTEBOOK_RAISED
    assert "no data" in result.message
    assert "image/png" in pod.notebook.cells[2].outputs[0].data
    assert [cell.execution_count is None for cell in pod.notebook.cells[-2:]] == [False, True]


def test_a_stop_interrupts_r_and_keeps_what_it_said() -> None:
    seen = "cat('so far\\n'); flush.console(); writeLines('', 'seen')"
    job = a_job(ipynb(f"{seen}\nSys.sleep(60)"), language="r")

    with a_pod(job, kernel=R_KERNEL) as pod:
        pod.until((pod.work / "seen").exists, 60)
        pod.runner.terminate()
        result = pod.wait(60)

    assert result.interrupted
    assert pod.notebook.cells[0].outputs[0].text == "so far\n"


def test_the_page_about_r_says_what_happens() -> None:
    page = documents.blocks(Path(__file__).parents[3] / "docs/how-to/notebooks-in-r.md")
    cells, config, saved = (block.text for block in page)
    job = a_job(documents.notebook(cells), language="r", parameters='{"weeks": 2}')
    job = job.model_copy(update={"output": json.loads(config)["output"]})

    with a_pod(job, kernel=R_KERNEL) as pod:
        result = pod.wait(120)

    assert (result.reason, result.output) == (Reason.NOTEBOOK_COMPLETED, json.loads(saved))
