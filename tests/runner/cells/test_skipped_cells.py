"""Ends that skip cells: a failure where the status says so, else told of with its cell."""

import json

import pytest

from podbook_crds.ends.reasons import Reason
from rig.runner_pod import BASH_KERNEL, PYTHON_KERNEL, Pod, a_job, ipynb, run
from tests.runner.parameters.test_foreign_cell import R_KERNEL, _has_irkernel

KERNELS = {"python": PYTHON_KERNEL, "bash": BASH_KERNEL, "r": R_KERNEL}
AFTER = {"python": "print('went on')", "bash": "echo went on", "r": "cat('went on\\n')"}

needs_r = pytest.mark.skipif(
    not _has_irkernel(), reason="needs R with IRkernel (Debian: r-cran-irkernel)"
)

CLEAN = [
    pytest.param("python", "exit()", id="exit()"),
    pytest.param("python", "quit", id="quit"),
    pytest.param("python", "raise SystemExit(0)", id="SystemExit(0)"),
    pytest.param("bash", "exit 0", id="bash exit 0"),
    pytest.param("bash", "exec true", id="bash exec"),
    pytest.param("bash", "trap - EXIT; exit 0", id="bash without the trap"),
    pytest.param("r", "quit()", id="R quit", marks=needs_r),
    pytest.param("r", "q('no', 0)", id="R q", marks=needs_r),
]
FAILED = [
    pytest.param("python", "exit(3)", "SystemExit: 3", id="exit(3)"),
    pytest.param("python", "import sys; sys.exit('no data')", "SystemExit: no data", id="a text"),
    pytest.param("bash", "exit 3", "exit: the shell ended with status 3", id="bash exit 3"),
    pytest.param("bash", "set -e; false; true", "exit: the shell ended", id="bash set -e"),
    pytest.param(
        "bash", "(exit 3); exit", "exit: the shell ended with status 3", id="bash exit $?"
    ),
    pytest.param("r", "quit(status = 3)", "status 3", id="R quit(status)", marks=needs_r),
    pytest.param("r", "rm(list = ls()); q('no', 4)", "status 4", id="R q, cleared", marks=needs_r),
]


def ran(language: str, cell: str) -> Pod:
    text = ipynb("1" if language != "bash" else ":", cell, AFTER[language], AFTER[language])
    return run(a_job(text, language=language), kernel=KERNELS[language])


@pytest.mark.parametrize(("language", "cell"), CLEAN)
def test_an_end_of_no_status_or_of_0_succeeds_and_tells_what_did_not_run(
    language: str, cell: str
) -> None:
    pod = ran(language, cell)
    result = pod.intake.result

    assert (result.reason, result.message) == (Reason.NOTEBOOK_COMPLETED, "")
    (warning,) = result.warnings
    assert (warning.type, warning.cell) == ("urn:podbook:warning:cells-skipped", 1)
    assert warning.detail == "cell 1 ended the notebook: 2 of its cells did not run"
    assert (result.cells.completed, result.cells.total) == (2, 4)
    assert pod.notebook.cells[2].outputs == pod.notebook.cells[3].outputs == []


@pytest.mark.parametrize(("language", "cell", "message"), FAILED)
def test_a_status_that_is_not_0_is_a_failure(language: str, cell: str, message: str) -> None:
    pod = ran(language, cell)
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_RAISED
    assert message in result.message
    assert result.warnings == []
    assert pod.notebook.cells[2].outputs == []


@pytest.mark.parametrize(
    "cell", ["(exit 3); true", "bash -c 'exit 3' || true", "f() { return 0; }; f"]
)
def test_a_shell_that_goes_on_ends_nothing(cell: str) -> None:
    pod = ran("bash", cell)

    assert pod.intake.result.warnings == []
    assert pod.notebook.cells[3].outputs[0].text == "went on\n"


def test_the_last_cell_may_end_the_notebook_without_a_word() -> None:
    pod = run(a_job(ipynb("1", "exit()")))

    assert pod.intake.result.warnings == []


@needs_r
@pytest.mark.parametrize(
    "cell", ["x <- readline('name? ')", "x <- tryCatch(readline('name? '), error = identity)"]
)
def test_r_that_asks_fails_at_once(cell: str) -> None:
    pod = run(a_job(ipynb(f"{cell}\nprint(x)", "1"), language="r"), kernel=R_KERNEL)
    result = pod.intake.result

    assert result.reason is Reason.NOTEBOOK_RAISED
    assert "the cell asked for input ('name? ')" in result.message


@needs_r
def test_r_goes_on_after_a_tagged_cell_that_asked() -> None:
    asking = "x <- readline('name? ')\ncat('answered')"
    text = ipynb(asking, "cat('on')", tags={0: ["raises-exception"]})

    pod = run(a_job(text, language="r", deadline_seconds=20), kernel=R_KERNEL)

    assert pod.intake.result.reason is Reason.NOTEBOOK_COMPLETED
    assert "answered" not in json.dumps(pod.notebook.cells[0].outputs)
    assert pod.notebook.cells[1].outputs[0].text == "on"


@needs_r
def test_r_writes_every_letter_in_any_locale() -> None:
    text = ipynb("cat('ü € 😀\\n')", "print('ü')", "stop('ü €')")

    pod = run(a_job(text, language="r"), kernel=R_KERNEL, kernel_environment={"LC_ALL": "C"})

    first, second, _ = pod.notebook.cells
    assert first.outputs[0].text == "ü € 😀\n"
    assert "ü" in json.dumps(second.outputs, ensure_ascii=False)
    assert "ü €" in pod.intake.result.message
