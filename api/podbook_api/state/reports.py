"""Finds a notebook's results for exactly these parameters: the newest, and what came after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from podbook_api.artifacts.pinned_content import Contents
from podbook_api.state.catalog import Entry
from podbook_api.state.execution_index import ExecutionIndex, Line
from podbook_api.state.executions import Executions
from podbook_api.state.submission_order import Kind
from podbook_crds.call_rules.same_parameters import parameters_hash
from podbook_crds.ends.phases import Phase
from podbook_crds.errors import PodbookError
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.report import Report

# Anybody who may create executions can put any label on them: so many false ones are passed over.
_LOOKED_AT: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """The newest result, and what came after it: a run that goes on, one that failed."""

    settings: Report
    result: Execution | None
    running: Line | None
    failed: Line | None
    # Whether somebody who looks at it should have it computed, and when at the earliest.
    due_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Whether it should be computed now."""
        return self.running is None and self.due_at is not None and self.due_at <= now


class Reports:
    """Looks in the index, and at what it finds."""

    def __init__(
        self,
        index: ExecutionIndex,
        executions: Executions,
        contents: Contents,
        now: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._executions = executions
        self._contents = contents
        self._now = now

    async def of(self, entry: Entry, parameters: dict[str, Any]) -> Found:
        """Return what there is for the notebook and these parameters, defaults filled in."""
        spec = entry.notebook.spec
        asked = parameters_hash(parameters, spec.input)
        settings = spec.report or Report()
        result = await self._result(entry, asked)
        since = None if result is None else result.status.finished_at
        running, failed = self._running(entry, asked), self._failed(entry, asked, since)
        return Found(settings, result, running, failed, _due(settings, self._now(), since, failed))

    async def _result(self, entry: Entry, asked: str) -> Execution | None:
        for line in islice(self._lines(entry, Phase.SUCCEEDED, asked), _LOOKED_AT):
            try:
                found = await self._executions.find(line.name)
            except PodbookError:
                continue  # Gone meanwhile.
            if await self._is_for(found, entry, asked):
                return found
        return None

    async def _is_for(self, found: Execution, entry: Entry, asked: str) -> bool:
        """Whether it was run with these parameters; a label says so, and anybody may write one."""
        if found.spec.notebook.name not in (entry.notebook.name, entry.notebook.id):
            return False
        digest = found.status.notebook_digest or found.spec.notebook.digest
        content = None if digest is None else await self._contents.get(digest)
        return content is not None and (
            parameters_hash(found.given_parameters, content.input) == asked
        )

    def _running(self, entry: Entry, asked: str) -> Line | None:
        lines = [
            next(self._lines(entry, phase, asked), None) for phase in (Phase.RUNNING, Phase.QUEUED)
        ]
        return next((line for line in lines if line is not None), None)

    def _failed(self, entry: Entry, asked: str, since: datetime | None) -> Line | None:
        """Return the last that came to nothing, where nothing has succeeded since."""
        ends = (Phase.FAILED, Phase.CANCELLED)
        lines = [next(self._lines(entry, phase, asked), None) for phase in ends]
        line = max((found for found in lines if found is not None), key=_end, default=None)
        if line is None or line.finished_at is None:
            return None
        is_newer = since is None or datetime.fromisoformat(line.finished_at) > since
        return line if is_newer else None

    def _lines(self, entry: Entry, phase: Phase, asked: str) -> Iterator[Line]:
        return self._index.lines(Kind(entry.notebook.id, phase, asked), before=None)


def _end(line: Line) -> str:
    return line.finished_at or ""


def _due(
    settings: Report, now: datetime, since: datetime | None, failed: Line | None
) -> datetime | None:
    """Return when it is to be computed again; None where the result stays good."""
    if since is None:
        due = now
    elif settings.max_age_seconds is None:
        return None
    else:
        due = since + timedelta(seconds=settings.max_age_seconds)
    if failed is None or failed.finished_at is None:
        return due
    pause = timedelta(seconds=settings.failure_max_age_seconds)
    return max(due, datetime.fromisoformat(failed.finished_at) + pause)
