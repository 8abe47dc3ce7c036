"""Puts the parameters into the notebook: a cell of code after the one that declares them."""

from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.corpus.words import generate_corpus_id

from podbook_crds.call_rules import defaults
from podbook_crds.call_rules.languages import kernel_of
from podbook_crds.call_rules.parameters import ROOT, check
from podbook_crds.call_rules.parameters_cells import INJECTED, declaring, tags_of
from podbook_crds.checking.contract import Contract
from podbook_crds.errors import InvalidParameters, Violation
from podbook_crds.formats import strict_json
from podbook_crds.protocol.job import Job
from podbook_crds.resources.notebook import Schema
from podbook_runner.parameters import in_bounds


def inject(
    notebook: NotebookNode, job: Job, *, is_stopped: Callable[[], bool] = bool
) -> NotebookNode:
    """Return the notebook with the parameters' cell; unchanged where there is nothing to set.

    Raises InvalidParameters where a name or a value cannot become code, Stopped as it is asked.
    """
    given = _given(job)
    check(given, language=job.language)
    if unusable := defaults.unusable(given, _declared(job), job.language):
        raise InvalidParameters(unusable)
    parameters = defaults.filled(given, _declared(job))
    notebook.metadata.papermill["parameters"] = given
    if parameters:
        code = _source(parameters, job, notebook, is_stopped)
        cell = _cell(code)
        _place(notebook.cells, cell, by_first_line=job.by_first_line)
    return notebook


def _given(job: Job) -> dict[str, Any]:
    try:
        given = strict_json.parse(job.parameters)
    except strict_json.NotJson as error:
        raise InvalidParameters([Violation(ROOT, f"is not JSON: {error}")]) from error
    if not isinstance(given, dict):
        raise InvalidParameters([Violation(ROOT, "is no JSON object")])
    return given


def _declared(job: Job) -> Schema | None:
    """A contract read from the parameters cell has its defaults standing there."""
    return None if job.inferred else job.input


def _source(
    parameters: dict[str, Any], job: Job, notebook: NotebookNode, is_stopped: Callable[[], bool]
) -> str:
    language = job.language.lower()
    if language == "python":
        contract = Contract(job.input or {}, job.models)
        return in_bounds.source(parameters, contract, is_stopped=is_stopped)
    # Not at the top: to show a Python notebook before it runs takes none of papermill.
    from podbook_runner.parameters import other_languages

    kernel = job.kernel or kernel_of(notebook)
    return other_languages.source(parameters, language=language, kernel=kernel)


def _cell(code: str) -> NotebookNode:
    """Return what nbformat's new_code_cell does, which first compiles the schema of all notebooks.

    That took 70 ms of each call.
    """
    metadata = {"tags": [INJECTED], "papermill": NotebookNode()}
    return NotebookNode(
        id=generate_corpus_id(),
        cell_type="code",
        metadata=from_dict(metadata),
        execution_count=None,
        source=code,
        outputs=[],
    )


def _place(cells: list[NotebookNode], cell: NotebookNode, *, by_first_line: bool) -> None:
    """Where an earlier run's cell stands, else after the one that declares them, else first."""
    for index, other in enumerate(cells):
        if INJECTED in tags_of(other):
            cells[index] = cell
            return
    declared = declaring(cells, by_first_line=by_first_line)
    cells.insert(0 if declared is None else declared + 1, cell)
