"""The fixed tools about runs: begin one, look at it, read what it left, end it."""

import base64
from typing import Any, Final

from mcp_types import CallToolResult, ImageContent

from podbook_api.artifacts.execution_artifacts import Body
from podbook_api.surfaces.mcp.answers import results
from podbook_api.surfaces.mcp.calling import arguments
from podbook_api.surfaces.mcp.calling.arguments import (
    GetArtifact,
    GetExecution,
    OneExecution,
    RunNotebook,
)
from podbook_api.surfaces.mcp.calling.runs import Asked, Runs
from podbook_api.surfaces.mcp.visits import CANCEL, GET_EXECUTION, Visit
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.formats import media_types
from podbook_crds.resources.execution import Execution

_TEXTS: Final = ("text/", media_types.JSON, media_types.IPYNB, media_types.SVG)
_PICTURES: Final = ("image/png", "image/jpeg")
_PICTURE: Final = 512 * 1024


async def run_notebook(runs: Runs, visit: Visit, given: dict[str, Any]) -> CallToolResult:
    """Run a notebook by its id."""
    asked = arguments.read(RunNotebook, given)
    await visit.to_run(asked.notebook)
    ran = await runs.run(visit, Asked(asked.notebook, asked.parameters, fresh=asked.fresh))
    return await results.of_run(visit, ran.watched, reused=ran.age)


async def get_execution(runs: Runs, visit: Visit, given: dict[str, Any]) -> CallToolResult:
    """Return what became of a run, or how far it is."""
    asked = arguments.read(GetExecution, given)
    await visit.need(GET_EXECUTION, asked.execution_id)
    seconds = min(asked.wait_seconds, visit.services.settings.mcp_wait_seconds)
    watched = await runs.watched(visit, asked.execution_id, seconds=seconds)
    return await results.of_run(visit, watched, reused=None)


async def cancel_execution(runs: Runs, visit: Visit, given: dict[str, Any]) -> CallToolResult:
    """Ask for a run's end."""
    asked = arguments.read(OneExecution, given)
    await visit.need(CANCEL, asked.execution_id)
    execution = await visit.services.executions.cancel(
        asked.execution_id, by=visit.caller, surface=Surface.MCP
    )
    watched = await runs.watched(visit, execution.name, seconds=2)
    answer = await results.of_run(visit, watched, reused=None)
    # That it was cancelled is what this call wanted.
    return answer.model_copy(update={"is_error": False})


async def get_artifact(visit: Visit, given: dict[str, Any]) -> CallToolResult:
    """Return a part of a file that a run left."""
    asked = arguments.read(GetArtifact, given)
    await visit.need(GET_EXECUTION, asked.execution_id)
    execution = await visit.services.executions.find(asked.execution_id)
    body = await _opened(visit, execution, asked.name)
    value: dict[str, Any] = {
        "executionId": execution.name,
        "name": asked.name,
        "mediaType": body.media_type,
        "size": body.size,
    }
    whole = asked.offset == 0 and body.size <= _PICTURE
    if body.media_type in _PICTURES and whole:
        data = base64.b64encode(await _read(body, 0, body.size)).decode()
        image = ImageContent(data=data, mime_type=body.media_type)
        return results.of_value(f"{asked.name}: {body.size} bytes", value, image)
    return await _part(body, value, asked)


async def _part(body: Body, value: dict[str, Any], asked: GetArtifact) -> CallToolResult:
    end = min(body.size, asked.offset + asked.limit)
    data = await _read(body, asked.offset, end)
    is_text = body.media_type.startswith(_TEXTS)
    if is_text:
        data = _whole_characters(data, more=end < body.size)
        value["text"] = data.decode("utf-8", "replace")
    else:
        value["base64"] = base64.b64encode(data).decode()
    after = asked.offset + len(data)
    value["offset"] = asked.offset
    text = value["text"] if is_text else f"{len(data)} bytes of {asked.name}, as base64"
    if after < body.size:
        value["nextOffset"] = after
        text += f"\n… {after} of {body.size} bytes; go on with offset {after}."
    return results.of_value(text, value)


async def _opened(visit: Visit, execution: Execution, name: str) -> Body:
    if name == names.OUTPUT_ARTIFACT:
        return await visit.services.artifacts.output(execution)
    return await visit.services.artifacts.open(execution, name)


async def _read(body: Body, start: int, end: int) -> bytes:
    return b"".join([chunk async for chunk in body.chunks(start, end)]) if start < end else b""


def _whole_characters(data: bytes, *, more: bool) -> bytes:
    """Leave the beginning of a character to the next part."""
    if not more:
        return data
    for cut in range(min(3, len(data) - 1) + 1):
        part = data[: len(data) - cut]
        try:
            part.decode()
        except UnicodeDecodeError:
            continue
        return part
    return data
