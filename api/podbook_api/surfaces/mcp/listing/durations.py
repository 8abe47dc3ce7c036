"""How long runs take, in words that do not change with every run."""

import statistics
from datetime import datetime
from itertools import islice
from typing import Final

from podbook_api.state.execution_index import ExecutionIndex, Line
from podbook_api.state.submission_order import Kind
from podbook_crds.ends.phases import Phase

_RUNS: Final = 20
_MINUTE: Final = 60
_HOUR: Final = 3600
# An agent's provider keeps what was sent before as long as it is the same to the letter.
_STEPS: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200)


def typical(index: ExecutionIndex, notebook_id: str) -> float | None:
    """Return the median of the notebook's last runs that succeeded, in seconds."""
    lines = islice(index.lines(Kind(notebook_id, Phase.SUCCEEDED), before=None), _RUNS)
    seconds = [took for line in lines if (took := _took(line)) is not None]
    return statistics.median(seconds) if seconds else None


def roughly(seconds: float) -> str:
    """Return the step above it, as `about 30 seconds`."""
    step = next((step for step in _STEPS if seconds <= step), _STEPS[-1])
    if step == 1:
        return "about a second"
    if step < _MINUTE:
        return f"about {step} seconds"
    count, unit = (step // _MINUTE, "minute") if step < _HOUR else (step // _HOUR, "hour")
    return f"about {count} {unit}{'s' if count > 1 else ''}"


def _took(line: Line) -> float | None:
    if line.started_at is None or line.finished_at is None:
        return None
    started, finished = map(datetime.fromisoformat, (line.started_at, line.finished_at))
    return max(0.0, (finished - started).total_seconds())
