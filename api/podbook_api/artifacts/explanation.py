"""The notebook of a run that left none: its source, below a cell that says what became of it."""

import json
from typing import Any, Final

from podbook_api.http.reading.reader import Reader, Unreadable
from podbook_crds import names
from podbook_crds.ends.reasons import Reason
from podbook_crds.resources.execution import Cells, Execution, ExecutionStatus

# What a runner says before it has a cell to run.
_REFUSED: Final = (Reason.INVALID_NOTEBOOK, Reason.INVALID_PARAMETERS, Reason.NOTEBOOK_CHANGED)


async def explained(
    reader: Reader, source: str | None, execution: Execution, cells: Cells | None
) -> bytes:
    """Return the ipynb; cells is how far the run is known to have got, None where nobody said."""
    said = {"sentences": _sentences(execution, cells)}
    try:
        return await reader.ask(headed, said, (source or "{}").encode("utf-8", "surrogatepass"))
    except Unreadable:
        return headed(said, [b"{}"])


def headed(said: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return a notebook below a cell of the sentences; that cell alone where it is none."""
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "metadata": {"tags": [names.EXPLANATION_TAG]},
        "source": said["sentences"],
    }
    notebook: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    try:
        parsed = json.loads(parts[0])
        if _is_readable(parsed):
            notebook = parsed
    except (ValueError, RecursionError):
        pass  # No notebook at all, which is then the reason: the cell says it.
    minor = notebook.get("nbformat_minor")
    if isinstance(minor, int) and minor >= 5:  # noqa: PLR2004  (cells have ids since 4.5)
        cell["id"] = names.EXPLANATION_TAG
    return json.dumps({**notebook, "cells": [cell, *notebook["cells"]]}, indent=1).encode()


def _sentences(execution: Execution, cells: Cells | None) -> list[str]:
    status = execution.status
    reason = status.reason and status.reason.value
    why = status.message or "Nothing more is known."
    if status.reason is Reason.RESTORED:
        return [f"**This notebook was not run again: {reason}.**\n", "\n", why]
    if not status.was_claimed or _was_refused(status):
        return [f"**This notebook did not run: {reason}.**\n", "\n", why]
    if _ended_before_a_cell(status):
        return [f"**This notebook did not get to its first cell: {reason}.**\n", "\n", why]
    far = "How many of its cells ran is not known."
    if cells is not None:
        far = (
            f"At least {cells.completed} of its {cells.total} code cells had run"
            " when it was last heard of."
        )
    return [
        f"**This notebook began to run, and what its cells showed is lost: {reason}.**\n",
        "\n",
        f"{far} What they did elsewhere stays done: look there before it is run again.\n",
        "\n",
        why,
    ]


def _was_refused(status: ExecutionStatus) -> bool:
    """Whether the only runner that claimed it found that it cannot be run."""
    claimed = [attempt for attempt in status.attempts if attempt.claimed_at]
    return status.reason in _REFUSED and claimed == status.attempts[-1:]


def _ended_before_a_cell(status: ExecutionStatus) -> bool:
    """Whether the only runner that claimed it said itself that its kernel never answered."""
    claimed = [attempt for attempt in status.attempts if attempt.claimed_at]
    is_told = status.cells is not None and status.cells.completed == 0
    return is_told and status.reason is Reason.START_TIMEOUT and claimed == status.attempts[-1:]


def _is_readable(parsed: Any) -> bool:
    """Whether it can be shown: of an older or newer format there is the explanation alone."""
    if not isinstance(parsed, dict) or not isinstance(parsed.get("cells"), list):
        return False
    return parsed.get("nbformat") == 4  # noqa: PLR2004  (the format of today)
