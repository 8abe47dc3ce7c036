"""Writes into an executed notebook what jupyrest wrote there, for clients that read it there.

Its first clients know parameters, times, output, validation and exception from nowhere else than
`metadata.jupyrest.events`, one object for each event by the event's name.
"""

import contextlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from podbook_api.http.reading.reader import Unreadable
from podbook_api.surfaces.outcome import exception_text, times
from podbook_api.wiring import Services
from podbook_crds.errors import UnknownArtifact
from podbook_crds.formats import strict_json
from podbook_crds.resources.execution import Execution

DEFAULT_PLUGIN: Final = "default"
_CREATED: Final = "notebook_execution_created"
_EXECUTED: Final = "notebook_executed"
_NAME: Final = "__event_id"
_OUTPUT: Final = "output_json_str"

Event = dict[str, Any]


def created(notebook_id: str | None, parameters: dict[str, Any], *, plugin: str) -> Event:
    """Return the event of a notebook that was given its parameters."""
    return {
        _NAME: _CREATED,
        "notebook_id": notebook_id,
        "plugin_name": plugin or DEFAULT_PLUGIN,
        "parameters": parameters,
    }


@dataclass(frozen=True)
class Told:
    """What is written into a notebook: its events, and the output's JSON text for the last one."""

    created: Event
    ended: Event | None = None
    output: bytes | None = None


async def with_end(services: Services, execution: Execution, told: Told) -> Told:
    """Return what is told with the execution's end, and its whole output as JSON text."""
    started, ended = times(execution)
    wrong = "; ".join(f"{v.pointer}: {v.message}" for v in execution.status.violations)
    event = {
        _NAME: _EXECUTED,
        "start_time": _naive(started),
        "end_time": _naive(ended),
        "output_validation": {"is_valid": not wrong, "error": wrong or None},
        "exception": exception_text(execution),
        _OUTPUT: None,
    }
    return replace(told, ended=event, output=await _output(services, execution))


async def recorded(services: Services, ipynb: bytes, told: Told) -> bytes:
    """Return the notebook with the events in it; as it is where it is none that can be read."""
    said = {"events": [told.created, *([] if told.ended is None else [told.ended])]}
    output = [] if told.output is None else [told.output]
    with contextlib.suppress(Unreadable):
        return await services.reader.ask(with_events, said, ipynb, *output)
    return ipynb


def with_events(said: dict[str, Any], parts: list[bytes]) -> bytes:
    """Return the notebook with the events in it; behind it comes the output of the last one."""
    ipynb, *output = parts
    try:
        notebook = json.loads(ipynb)
    except (ValueError, RecursionError):
        return ipynb
    if not isinstance(notebook, dict):
        return ipynb
    events: list[Event] = said["events"]
    if output:
        events = [*events[:-1], {**events[-1], _OUTPUT: output[0].decode("utf-8", "replace")}]
    metadata = _object(notebook, "metadata")
    _object(_object(metadata, "jupyrest"), "events").update({e[_NAME]: e for e in events})
    return strict_json.text(notebook).encode()


def _object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the member, made an object where it is none."""
    if not isinstance(parent.get(name), dict):
        parent[name] = {}
    found: dict[str, Any] = parent[name]
    return found


async def _output(services: Services, execution: Execution) -> bytes | None:
    try:
        body = await services.artifacts.output(execution)
    except UnknownArtifact:
        return None
    chunks = [chunk async for chunk in body.chunks(0, body.size)]
    return b"".join(chunks)


def _naive(moment: datetime) -> str:
    """Return UTC without saying so: its clients compare these with times of their own."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
