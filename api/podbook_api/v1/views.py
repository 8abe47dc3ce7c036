"""What /v1 shows of notebooks and executions."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from podbook_api.http.problems import shown
from podbook_api.openapi import contract_schemas
from podbook_api.state import contract_line
from podbook_api.state.catalog import Entry
from podbook_api.state.execution_index import Line, seconds_between
from podbook_api.state.introductions import Introduction
from podbook_api.state.parameters_in_short import in_short
from podbook_api.state.standings import Standing
from podbook_crds import names
from podbook_crds.calls import submission
from podbook_crds.calls.secret_parameters import masked
from podbook_crds.ends.explained import explained
from podbook_crds.ends.phases import Phase
from podbook_crds.protocol.intake import Progress
from podbook_crds.resources.execution import Artifact, Execution
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.webhook import Delivery

View = dict[str, Any]


def notebook(entry: Entry, *, root: str) -> View:
    """Return one notebook: its contract, defaults, and whether it can be run."""
    found, spec = entry.notebook, entry.notebook.spec
    address = f"{root}/v1/notebooks/{quote(found.id)}"
    view: View = {
        "id": found.id,
        "digest": entry.digest,
        "ready": entry.problem is None,
        "problem": entry.problem,
        "input": spec.input,
        "output": spec.output,
        "inferred": spec.inferred,
        "outputValidation": spec.output_validation.value,
        "language": spec.runtime.language,
        "overrides": None if spec.overrides is None else spec.overrides.to_wire(),
        "defaults": spec.defaults.to_wire(),
        "examples": [each.to_wire() for each in spec.examples],
        "links": {"self": address, "executions": f"{address}/executions"},
    }
    return view


def catalog_line(entry: Entry, said: Introduction, last: Line | None, *, root: str) -> View:
    """Return one notebook as a list for people shows it."""
    found, spec = entry.notebook, entry.notebook.spec
    address = f"{root}/v1/notebooks/{quote(found.id)}"
    return {
        "id": found.id,
        "title": said.title,
        "description": said.sentence,
        "contract": contract_line.line(spec.input, spec.output),
        "language": spec.runtime.language,
        "ready": entry.problem is None,
        "problem": entry.problem,
        "lastExecution": (
            None if last is None else summary(last, None, secrets=entry.secrets, root=root)
        ),
        "links": {"self": address, "executions": f"{address}/executions"},
    }


def introduced(entry: Entry, said: Introduction, last: Line | None, *, root: str) -> View:
    """Return one notebook with what it says of itself, and its contract to stand on its own."""
    spec = entry.notebook.spec
    schemas = {
        name: None if schema is None else contract_schemas.resolved(schema, spec.models)
        for name, schema in (("input", spec.input), ("output", spec.output))
    }
    lasting = catalog_line(entry, said, last, root=root)
    named = {"name": entry.notebook.name, "resolved": schemas}
    return {**lasting, **notebook(entry, root=root), **named}


def summary(line: Line, progress: Progress | None, *, secrets: frozenset[str], root: str) -> View:
    """Return an execution as a list shows it; secrets are its notebook's."""
    running = progress if line.phase is Phase.RUNNING else None
    return {
        "id": line.name,
        "notebook": line.notebook_id,
        "phase": line.phase.value,
        "reason": line.reason,
        "message": line.message,
        "parameters": in_short(line.parameters, secrets),
        "cells": None if running is None else _told(running),
        "createdAt": line.submitted_at,
        "createdBy": line.created_by,
        "startedAt": line.started_at,
        "finishedAt": line.finished_at,
        "durationSeconds": line.seconds,
        "surface": line.surface,
        "warnings": line.warnings,
        "links": _links(line.name, root),
    }


def execution(
    found: Execution,
    artifacts: list[Artifact],
    progress: Progress | None,
    standing: Standing,
    *,
    root: str,
) -> View:
    """Return the whole of an execution."""
    status = found.status
    address = f"{root}/v1/executions/{quote(found.name, safe='')}"
    return {
        "id": found.name,
        **_who_and_when(found, standing),
        "notebook": found.notebook_id,
        "notebookDigest": status.notebook_digest or found.spec.notebook.digest,
        "phase": status.phase.value,
        "reason": status.reason and status.reason.value,
        "message": status.message,
        "explanation": explained(status).model_dump(mode="json", by_alias=True),
        "parameters": masked(found.spec.parameters, standing.secrets),
        "output": status.output,
        "hasOutput": bool(status.has_output),
        "violations": [shown(violation) for violation in status.violations],
        "warnings": [warning.to_wire() for warning in status.warnings],
        "exception": status.exception and status.exception.to_wire(),
        "conditions": [condition.to_wire() for condition in status.conditions],
        "cells": _cells(found, progress),
        "attempts": [attempt.to_wire() for attempt in status.attempts],
        "artifacts": [
            {**_artifact(a), "href": f"{address}/artifacts/{quote(a.name)}"} for a in artifacts
        ],
        "cancelled": found.spec.cancel,
        "webhook": _webhook(found),
        "links": _links(found.name, root),
    }


def _who_and_when(found: Execution, standing: Standing) -> View:
    return {
        "createdAt": submitted_at(found),
        "createdBy": found.annotations.get(names.CREATED_BY_ANNOTATION),
        "cancelledBy": found.annotations.get(names.CANCELLED_BY_ANNOTATION),
        "surface": found.annotations.get(names.SURFACE_ANNOTATION),
        "rerunOf": found.annotations.get(names.RERUN_OF_ANNOTATION),
        "startedAt": _time(found.status.started_at),
        "finishedAt": _time(found.status.finished_at),
        "durationSeconds": seconds_between(found.status.started_at, found.status.finished_at),
        "keep": found.spec.keep,
        "expiresAt": _time(standing.expires_at),
        "artifactsExpireAt": _time(standing.artifacts_expire_at),
    }


def submitted_at(found: Execution) -> str:
    """Return when it was submitted, in MicroTime."""
    return submission.submitted_at(found.annotations, created=found.created)


def _artifact(found: Artifact) -> View:
    """Leave out what is not known of a page that is made when asked for, or of a run's file yet."""
    wire = found.to_wire()
    if not found.digest:
        del wire["digest"]
        if not found.size:
            del wire["size"]
    return wire


def _cells(found: Execution, progress: Progress | None) -> View | None:
    if found.status.cells is not None:
        return found.status.cells.to_wire()
    if progress is None or found.status.phase is not Phase.RUNNING:
        return None
    return _told(progress)


def _told(progress: Progress) -> View:
    return {"total": progress.cells_total, "completed": progress.cells_completed}


def _webhook(found: Execution) -> View | None:
    if found.spec.webhook is None:
        return None
    delivery = found.status.webhook or Delivery()
    return {"url": found.spec.webhook.url, **delivery.to_wire()}


def _links(name: str, root: str) -> dict[str, str]:
    address = f"{root}/v1/executions/{quote(name, safe='')}"
    page = f"{root}/executions/{quote(name, safe='')}"
    artifacts = f"{address}/artifacts"
    return {
        "self": address,
        "page": page,
        "cancel": f"{address}/cancel",
        "rerun": f"{address}/rerun",
        "events": f"{address}/events",
        "report": f"{artifacts}/{names.REPORT_ARTIFACT}",
        "notebook": f"{artifacts}/{names.NOTEBOOK_ARTIFACT}",
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else micro_time(moment)
