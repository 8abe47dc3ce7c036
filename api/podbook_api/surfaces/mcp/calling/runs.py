"""Runs a notebook for an agent, or finds the run that the same call began a moment ago."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from podbook_api.artifacts import stored_outcome
from podbook_api.state.execution_index import Line
from podbook_api.state.submission_order import Kind
from podbook_api.submit import calls
from podbook_api.submit.again.fitness import Use
from podbook_api.surfaces.mcp.calling.repeats import Made, Repeats
from podbook_api.surfaces.mcp.calling.watching import Watched, watch
from podbook_api.surfaces.mcp.visits import GET_EXECUTION, RUN, Visit
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.content import blob_digest, canonical
from podbook_crds.errors import UnknownExecution

_LOOKED_AT: Final = 50


@dataclass(frozen=True)
class Asked:
    """What a caller asks to be run."""

    notebook_id: str
    parameters: dict[str, Any]
    fresh: bool = False


@dataclass(frozen=True)
class Ran:
    """The run as the wait left it; age in seconds where it was there before the call."""

    watched: Watched
    age: float | None


class Runs:
    """The runs that agents asked for."""

    def __init__(self, repeats: Repeats, *, wait_seconds: float, repeat_seconds: float) -> None:
        self._repeats = repeats
        self._wait_seconds = wait_seconds
        self._window = wait_seconds + repeat_seconds

    async def run(self, visit: Visit, asked: Asked) -> Ran:
        """Return the run, ended or not; raise what is wrong with the call."""
        await visit.need(RUN)
        key = (visit.caller.name, asked.notebook_id, blob_digest(canonical(asked.parameters)))
        call = None if asked.fresh else self._repeats.met(key)
        was_there = call is not None
        if call is None:
            call = self._repeats.begin(key, self._made(visit, asked))
        with self._repeats.waiting(call):
            made = await asyncio.shield(call.making)
            try:
                watched = await self.watched(visit, made.execution, seconds=self._wait_seconds)
            except UnknownExecution:
                if not was_there:
                    raise
                # Deleted meanwhile: the call is answered by a run of its own.
                self._repeats.answered(made.execution)
                return await self.run(visit, asked)
        return Ran(watched, _age(watched) if was_there or made.was_there else None)

    async def watched(self, visit: Visit, name: str, *, seconds: float) -> Watched:
        """Return an execution when it ends, or the time is over; raise UnknownExecution."""
        found = await watch(visit, name, seconds=seconds)
        execution = await visit.services.starts.derived(found.execution)
        services = visit.services
        execution = await stored_outcome.completed(services.store, services.reader, execution)
        if execution.status.phase.is_final:
            # Who went away before this was cancelled in its wait, and was told nothing.
            self._repeats.answered(name)
        return Watched(execution, found.seen)

    async def _made(self, visit: Visit, asked: Asked) -> Made:
        """Return a new execution, or the one that another replica made of this call."""
        request = calls.Request(
            surface=Surface.MCP,
            caller=visit.caller,
            parameters=asked.parameters,
            fresh=asked.fresh,
            may_read=partial(visit.may, GET_EXECUTION),
            base_url=visit.base_url,
        )
        known = None if asked.fresh else self._elsewhere(visit, asked)
        if known is not None:
            return Made(known, was_there=True)
        made = await visit.services.submissions.run(asked.notebook_id, request)
        return Made(made.execution.name, was_there=made.use in (Use.HIT, Use.MET))

    def _elsewhere(self, visit: Visit, asked: Asked) -> str | None:
        """Find the same call's run that goes on: of another replica, or from before a restart."""
        index = visit.services.index
        lines = islice(index.lines(Kind(asked.notebook_id), before=None), _LOOKED_AT)
        return next((line.name for line in lines if self._is_the_same(visit, asked, line)), None)

    def _is_the_same(self, visit: Visit, asked: Asked, line: Line) -> bool:
        begun = datetime.fromisoformat(line.submitted_at)
        is_recent = (datetime.now(UTC) - begun).total_seconds() < self._window
        if line.phase.is_final or line.created_by != visit.caller.shown or not is_recent:
            return False
        execution = visit.services.index.whole(line.name)
        if execution is None or execution.spec.parameters_text is not None:
            return False
        surface = execution.annotations.get(names.SURFACE_ANNOTATION)
        return surface == Surface.MCP and execution.spec.parameters == asked.parameters


def _age(watched: Watched) -> float:
    submitted = watched.execution.annotations.get(names.SUBMITTED_ANNOTATION)
    if submitted is None:
        return 0.0
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(submitted)).total_seconds())
