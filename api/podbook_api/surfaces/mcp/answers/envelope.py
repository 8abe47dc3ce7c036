"""The one shape of a run's result, whatever its notebook gives back."""

from typing import Any, Final
from urllib.parse import quote

from podbook_api.http.reading.written_json import WrittenJson
from podbook_api.state.catalog import Entry
from podbook_api.surfaces.mcp.answers import texts
from podbook_api.surfaces.mcp.calling.watching import Watched
from podbook_api.surfaces.mcp.listing import schemas
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Artifact, Execution, ExecutionStatus
from podbook_crds.resources.notebook import OutputValidation

Schema = dict[str, Any]

_ARTIFACTS: Final = 50


def schema(output: Schema) -> Schema:
    """Return what every run's result fits: an object at its root, else older clients lose the list.

    `output` is not required: a run that goes on has none, and a large one is left out.
    """
    text: Schema = {"type": "string"}
    count: Schema = {"type": "integer"}
    cells = {"type": "object", "properties": {"total": count, "completed": count}}
    warning = {"type": "object", "properties": {"type": text, "detail": text}}
    artifact = {"type": "object", "properties": {"name": text, "mediaType": text, "size": count}}
    return {
        "type": "object",
        "required": ["executionId", "phase"],
        "properties": {
            "executionId": text,
            "phase": {**text, "description": "Running and Queued go on: call get_execution."},
            "output": output,
            "outputOmitted": {"type": "boolean"},
            "warnings": {"type": "array", "items": warning},
            "cells": cells,
            "artifacts": {"type": "array", "items": artifact},
            "page": {**text, "description": "Address of the run for people."},
            "reused": {"type": "boolean"},
            "ageSeconds": {"type": "number"},
        },
    }


def of_notebook(entry: Entry) -> Schema:
    """Return the schema of a notebook's tool; an output that is not enforced may be anything."""
    spec = entry.notebook.spec
    is_sure = spec.output_validation is OutputValidation.ENFORCE and not spec.inferred
    return schema(schemas.saved(spec.output, spec.models) if is_sure else {})


def filled(
    watched: Watched, artifacts: list[Artifact], *, base_url: str, reused: float | None
) -> dict[str, Any]:
    """Return the result; reused is the age in seconds of a run that was there already."""
    execution, seen = watched.execution, watched.seen
    status = execution.status
    found: dict[str, Any] = {"executionId": execution.name, "phase": status.phase.value}
    if status.phase is Phase.SUCCEEDED and status.has_output:
        if _is_small(status):
            found["output"] = texts.cleaned(status.output)
        else:
            found["outputOmitted"] = True
    if execution.warnings:
        found["warnings"] = texts.cleaned([warning.to_wire() for warning in execution.warnings])
    if status.cells is not None:
        found["cells"] = {"total": status.cells.total, "completed": status.cells.completed}
    elif seen.total:
        found["cells"] = {"total": seen.total, "completed": seen.completed}
    if artifacts:
        found["artifacts"] = texts.cleaned([_artifact(each) for each in artifacts[:_ARTIFACTS]])
    found["page"] = page(execution, base_url)
    if reused is not None:
        found |= {"reused": True, "ageSeconds": round(reused, 1)}
    return found


def _is_small(status: ExecutionStatus) -> bool:
    """Whether the output is here, and fits; what was read elsewhere is larger than that."""
    is_told = status.output_ref is not None and status.output is None
    if is_told or isinstance(status.output, WrittenJson):
        return False
    return len(texts.written(status.output)) <= texts.WHOLE


def page(execution: Execution, base_url: str) -> str:
    """Return the address of the run for people."""
    return f"{base_url}/executions/{quote(execution.name, safe='')}"


def _artifact(found: Artifact) -> dict[str, Any]:
    size = {"size": found.size} if found.size or found.digest else {}
    return {"name": found.name, "mediaType": found.media_type, **size}
