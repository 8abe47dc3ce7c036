"""The events of a log, as they stand on the wire: JSON objects with a `type`.

An event that the runner tells has a number in its attempt, from 1 without a gap: its place in the
log, not a field of it. Cells are named by their index in the notebook that `notebook.planned`
brings. Offsets and lengths in texts count code points, as Python does and JavaScript does not.
"""

import json
from enum import StrEnum
from typing import Any

Event = dict[str, Any]


class EventType(StrEnum):
    """What an event tells; a reader passes over a type that it does not know."""

    # The runner's, in the log.
    PLANNED = "notebook.planned"
    CELL_STARTED = "cell.started"
    CELL_FINISHED = "cell.finished"
    STREAM = "stream.spliced"
    OUTPUTS = "outputs.spliced"
    METADATA = "metadata.changed"
    # The API's own, for whoever follows: without a number, as they are in no log.
    ATTEMPT = "attempt.started"
    PHASE = "execution.phase"
    WARNING = "warning"
    FINISHED = "execution.finished"


def planned(
    notebook: dict[str, Any],
    to_run: list[int],
    *,
    running: int | None = None,
    since: str | None = None,
    finished: dict[int, tuple[str, float]] | None = None,
) -> Event:
    """Return how a notebook looks before its first cell runs, and the cells that are to run.

    Later in a log it is a snapshot, which everything before it can be forgotten for: the notebook
    as far as it got, the cell that runs and since when, and how those that ended did (status,
    seconds).
    """
    ends = {str(cell): list(end) for cell, end in (finished or {}).items()}
    state: dict[str, Any] = {"running": running, "finished": ends}
    if since is not None:
        state["since"] = since
    return {"type": EventType.PLANNED, "notebook": notebook, "toRun": to_run, **state}


def cell_started(cell: int, *, time: str | None = None, prepared: bool = False) -> Event:
    """Return that a cell begins, and when: it shows nothing from here on.

    One that was prepared ran before the call; what it showed then follows.
    """
    told: Event = {"type": EventType.CELL_STARTED, "cell": cell}
    told |= {"prepared": True} if prepared else {}
    return told if time is None else {**told, "time": time}


def cell_finished(cell: int, *, status: str, seconds: float, count: int | None) -> Event:
    """Return that a cell ended: `ok`, `error` or `stopped`, after so many seconds.

    A count of None is told too: a snapshot amid the cell may have had one.
    """
    told = {"type": EventType.CELL_FINISHED, "cell": cell, "status": status}
    return {**told, "seconds": round(seconds, 3), "executionCount": count}


def stream_spliced(cell: int, output: int, *, at: int, remove: int, text: str) -> Event:
    """Return that a text changed: from `at` on, `remove` code points become `text`."""
    place = {"type": EventType.STREAM, "cell": cell, "output": output}
    return {**place, "at": at, "remove": remove, "text": text}


def outputs_spliced(cell: int, *, at: int, remove: int, outputs: list[Any]) -> Event:
    """Return that the outputs of a cell changed: from `at` on, `remove` of them become others."""
    place = {"type": EventType.OUTPUTS, "cell": cell}
    return {**place, "at": at, "remove": remove, "outputs": outputs}


def metadata_changed(metadata: dict[str, Any]) -> Event:
    """Return what the notebook's own metadata came to, such as the state of widgets."""
    return {"type": EventType.METADATA, "metadata": metadata}


def written(event: Event) -> bytes:
    """Return an event as one line of JSON, ASCII alone: a lone surrogate has no UTF-8."""
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"
