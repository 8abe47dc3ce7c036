"""A run's result as an agent reads it: the verdict first, then what it needs next."""

from datetime import UTC, datetime
from typing import Any, Final

from podbook_api.http.reading.written_json import WrittenJson
from podbook_api.surfaces.mcp.answers import texts
from podbook_api.surfaces.mcp.calling.watching import Watched
from podbook_crds.ends.explained import explained
from podbook_crds.ends.phases import Phase
from podbook_crds.formats.durations import spelled
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.warning import RunWarning

_TRACEBACK: Final = 30


def of_run(watched: Watched, filled: dict[str, Any], source: str) -> str:
    """Return the text of a run's result; source is that of the cell that failed."""
    execution = watched.execution
    phase = execution.status.phase
    parts = [_verdict(execution), *_reused(filled), *map(_warning, execution.warnings)]
    if phase is Phase.SUCCEEDED:
        parts += _output(execution, filled)
    elif phase.is_final:
        parts += _failure(execution, source)
    else:
        parts += _handle(watched, filled)
    return texts.clean("\n".join(filter(None, parts)))


def took(execution: Execution) -> float | None:
    """Return how long its cells ran, or have run, in seconds."""
    status = execution.status
    if status.started_at is None:
        return None
    end = status.finished_at or datetime.now(UTC)
    return max(0.0, (end - status.started_at).total_seconds())


def _verdict(execution: Execution) -> str:
    seconds = took(execution)
    phase = execution.status.phase.value
    word = "in" if execution.status.phase.is_final else "for"
    first = phase if seconds is None else f"{phase} {word} {spelled(seconds)}"
    return f"{first} · {execution.notebook_id or 'notebook'} · {execution.name}"


def _reused(filled: dict[str, Any]) -> list[str]:
    if not filled.get("reused"):
        return []
    return [
        f"This is the run that the same call began {spelled(filled['ageSeconds'])} ago;"
        " for another one call run_notebook with fresh: true."
    ]


def _warning(warning: RunWarning) -> str:
    meant = f" (did you mean {warning.suggestion!r}?)" if warning.suggestion else ""
    return f"warning: {warning.detail or warning.type}{meant}"


def _output(execution: Execution, filled: dict[str, Any]) -> list[str]:
    rest = f'get_artifact {{"executionId": "{execution.name}", "name": "output.json"}}'
    if not execution.status.has_output:
        return ["It saved no output; its pages show what its cells printed and drew."]
    if execution.status.output_ref is not None and execution.status.output is None:
        size = execution.status.output_ref.size
        return [f"The output has {size} bytes and is left out here; read it with {rest}."]
    output: Any = execution.status.output
    if isinstance(output, WrittenJson):
        told = f"… cut: the output has {len(output.text)} bytes and is left out of the structured"
        return [output.beginning, f"{told} result; read it with {rest}."]
    text = texts.written(output)
    if len(text) <= texts.READ:
        return [text]
    omitted = " and left out of the structured result" if filled.get("outputOmitted") else ""
    return [
        text[: texts.READ],
        f"… cut: the output has {len(text)} characters{omitted}; read it with {rest}.",
    ]


def _failure(execution: Execution, source: str) -> list[str]:
    status, meaning = execution.status, explained(execution.status)
    reason = status.reason.value if status.reason else status.phase.value
    parts = [f"{reason}: {meaning.sentence} {status.message}".strip(), meaning.advice]
    for violation in status.violations:
        parts.append(f"output{violation.pointer}: {violation.message}")
    if status.exception is not None:
        raised = status.exception
        where = "" if raised.cell is None else f" in cell {raised.cell}"
        parts.append(f"{raised.name}: {raised.value}{where}"[:1000])
        parts += [f"The cell:\n{source}"] if source else []
        lines = texts.last_lines(raised.traceback, _TRACEBACK)
        parts += ["The end of the traceback:\n" + "\n".join(lines)] if lines else []
    return [texts.plain(part) for part in parts if part]


def _handle(watched: Watched, filled: dict[str, Any]) -> list[str]:
    name, cells = watched.execution.name, filled.get("cells")
    far = f"{cells['completed']} of {cells['total']} cells are done. " if cells else ""
    printed = f"It printed last: {watched.seen.line}\n" if watched.seen.line else ""
    return [
        f"{far}It goes on; nothing is lost by leaving it.\n{printed}"
        f'Call get_execution {{"executionId": "{name}", "waitSeconds": 45}} for its result,'
        " or cancel_execution to end it."
    ]
