"""Turns how the cells ended, and what was saved, into the result of the run."""

from datetime import datetime
from typing import Final

from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Violation
from podbook_crds.protocol.job import Job
from podbook_crds.protocol.result import RunResult
from podbook_crds.resources.execution import Cells, ExceptionInfo
from podbook_runner.cells.plain_text import without_colours
from podbook_runner.cells_end import NO_INPUT, CellsEnd, End, Raised
from podbook_runner.reporting.intake import Upload
from podbook_runner.reporting.judgement import Judgement
from podbook_runner.reporting.output import Output
from podbook_runner.reporting.uploads import bytes_upload, notebook_upload
from podbook_runner.stops import Stop

_REASONS: Final = {
    End.RAISED: Reason.NOTEBOOK_RAISED,
    End.KERNEL_DIED: Reason.KERNEL_DIED,
    End.DEADLINE: Reason.DEADLINE_EXCEEDED,
    # Who asked for it decides what it is called: the operator knows, `interrupted` tells it so.
    End.STOPPED: Reason.CANCELLED,
    End.FAULT: Reason.INTERNAL_ERROR,
}

_NO_INPUT_HINT: Final = "nobody is there to answer input(); make it a parameter of the notebook"


def result_of(
    ended: CellsEnd,
    output: Output,
    job: Job,
    *,
    judged: Judgement,
    started_at: datetime,
    finished_at: datetime,
) -> RunResult:
    """Return the result; what was saved before a failure is kept, and judged only after success."""
    reason = _REASONS.get(ended.end)
    violations: list[Violation] = []
    if reason is None:
        reason, violations = judged
    inline = output.text is not None and len(output.text) <= names.INLINE_OUTPUT_LIMIT
    return RunResult(
        reason=reason,
        message=_message(ended, job, violations),
        output=output.value if inline else None,
        has_output=output.text is not None,
        violations=violations,
        exception=_exception(ended),
        cells=Cells(total=ended.total, completed=ended.completed),
        started_at=started_at,
        finished_at=finished_at,
        interrupted=ended.end is End.STOPPED,
    )


def _message(ended: CellsEnd, job: Job, violations: list[Violation]) -> str:
    match ended.end:
        case End.RAISED if ended.raised is not None:
            return _sentence(ended.raised)
        case End.KERNEL_DIED:
            died = f"the kernel died while cell {ended.cell} was running"
            return f"{died}; {ended.memory}" if ended.memory else died
        case End.DEADLINE:
            return f"cell {ended.cell} was running when {job.deadline_seconds} s were over"
        case End.STOPPED:
            return f"stopped from outside in cell {ended.cell}"
        case End.FAULT:
            return ended.fault[: names.MESSAGE_LIMIT]
    return _listed(violations)


def _listed(violations: list[Violation]) -> str:
    return "; ".join(str(violation) for violation in violations)[: names.MESSAGE_LIMIT]


def judged_later(result: RunResult, judged: Judgement) -> RunResult:
    """Return the result of cells that were completed, with what their output means."""
    reason, violations = judged
    update = {"reason": reason, "message": _listed(violations), "violations": violations}
    return result.model_copy(update=update)


def stopped_while_judged(result: RunResult, stop: Stop | None, job: Job) -> RunResult:
    """Return the result where the run had to end while its output was being checked."""
    is_late = stop is Stop.DEADLINE
    late = f"the output was being checked when {job.deadline_seconds} s were over"
    update = {
        "reason": Reason.DEADLINE_EXCEEDED if is_late else Reason.CANCELLED,
        "message": late if is_late else "stopped from outside while the output was being checked",
        "interrupted": not is_late,
        "violations": [],
    }
    return result.model_copy(update=update)


def _sentence(raised: Raised) -> str:
    hint = f" ({_NO_INPUT_HINT})" if raised.name == NO_INPUT else ""
    text = f"{raised.name}: {raised.value}" if raised.value else raised.name
    return text[: names.MESSAGE_LIMIT - len(hint)] + hint


def _exception(ended: CellsEnd) -> ExceptionInfo | None:
    raised = ended.raised
    if raised is None:
        return None
    whole = without_colours("\n".join(raised.traceback))
    return ExceptionInfo(
        name=raised.name[: names.MESSAGE_LIMIT],
        value=raised.value[: names.MESSAGE_LIMIT],
        cell=ended.cell,
        traceback=_shortened(whole, names.TRACEBACK_LIMIT),
    )


def _shortened(text: str, limit: int) -> str:
    """Return beginning and end: the one names the exception, the other the line that raised."""
    if len(text) <= limit:
        return text
    marker = f"\n[… the whole of it is in {names.EXCEPTION_ARTIFACT} …]\n"
    beginning = limit // 4
    return text[:beginning] + marker + text[len(marker) + beginning - limit :]


def uploads_of(notebook: bytes, saved: Output, ended: CellsEnd) -> list[Upload]:
    """Return what a run leaves of its own: notebook, output, and what a cell raised."""
    uploads = [notebook_upload(notebook)]
    if saved.text is not None:
        uploads.append(bytes_upload(names.OUTPUT_ARTIFACT, "application/json", saved.text))
    if ended.raised is not None:
        text = _exception_text(ended.raised)
        uploads.append(bytes_upload(names.EXCEPTION_ARTIFACT, "text/plain", text))
    return uploads


def _exception_text(raised: Raised) -> bytes:
    """Return the whole traceback; a kernel that sent none gave a name and a value at least."""
    lines = raised.traceback or [f"{raised.name}: {raised.value}"]
    return without_colours("\n".join(lines)).encode("utf-8", "backslashreplace")
