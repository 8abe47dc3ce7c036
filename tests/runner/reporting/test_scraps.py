"""What notebooks glue with scrapbook itself, and with jupyrest's own name, is their output."""

from typing import Any

import pytest

from podbook_crds.ends.reasons import Reason
from rig.runner_pod import a_job, ipynb, run

HEAD = "import json, pandas, scrapbook\n"


@pytest.mark.parametrize(
    ("cell", "output"),
    [
        pytest.param(
            "scrapbook.glue('a', 5)\nscrapbook.glue('b', 'text')\nscrapbook.glue('c', [None])\n"
            "scrapbook.glue('frame', pandas.DataFrame({'x': [1]}), 'pandas')",
            {"a": 5, "b": "text", "c": [None]},
            id="each by its name, without frames",
        ),
        pytest.param(
            "scrapbook.glue('nbschema_outputs', json.dumps({'a': 5}))\nscrapbook.glue('b', 1)",
            {"a": 5},
            id="jupyrest's own is the whole output",
        ),
        pytest.param(
            "import podbook\nscrapbook.glue('a', 'no number')\npodbook.save_output({'a': 6})",
            {"a": 6},
            id="save_output wins",
        ),
    ],
)
def test_scraps_are_the_output_and_are_judged(cell: str, output: dict[str, Any]) -> None:
    schema = {"properties": {"a": {"type": "integer"}}, "required": ["a"]}

    result = run(a_job(ipynb(HEAD + cell), output=schema)).intake.result

    assert (result.reason, result.message) == (Reason.NOTEBOOK_COMPLETED, "")
    assert result.output == output


def test_scraps_that_do_not_fit_are_refused() -> None:
    schema = {"properties": {"a": {"type": "integer"}}}
    job = a_job(ipynb(HEAD + "scrapbook.glue('a', 'x')"), output=schema)

    assert run(job).intake.result.message == "/output/a: 'x' is not of type 'integer'"


def test_a_record_that_is_none_is_told_with_its_cell_and_the_others_are_the_output() -> None:
    wrong = (
        "from IPython.display import display\n"
        "display({'application/scrapbook.scrap.json+json': {'name': {}, 'data': 1}}, raw=True)"
    )

    result = run(a_job(ipynb(HEAD + "scrapbook.glue('a', 5)", wrong))).intake.result

    assert (result.reason, result.output) == (Reason.NOTEBOOK_COMPLETED, {"a": 5})
    (warning,) = result.warnings
    assert warning.cell == 1
    assert "left out of the output" in warning.detail
