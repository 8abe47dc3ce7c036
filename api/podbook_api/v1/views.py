"""What /v1 shows of executions."""

from typing import Any
from urllib.parse import quote

from podbook_api.http.problems import shown
from podbook_api.state.execution_index import Line, seconds_between
from podbook_api.state.parameters_in_short import in_short
from podbook_api.state.standings import Standing
from podbook_api.submit.again.fitness import Use
from podbook_api.submit.again.reuse import Answered
from podbook_api.v1.answers import parts
from podbook_api.v1.answers.execution import Execution as ExecutionView
from podbook_api.v1.answers.execution import Keeping, Summary
from podbook_api.v1.answers.values import time_of
from podbook_crds import names
from podbook_crds.call_rules import submission
from podbook_crds.call_rules.secret_parameters import masked
from podbook_crds.ends.explained import explained
from podbook_crds.ends.phases import Phase
from podbook_crds.protocol.intake import Progress
from podbook_crds.resources.execution import Artifact, Execution, ExecutionStatus
from podbook_crds.resources.model import Model
from podbook_crds.resources.webhook import Delivery


def summary(
    line: Line, progress: Progress | None, *, secrets: frozenset[str], root: str
) -> Summary:
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
) -> ExecutionView:
    """Return the whole of an execution."""
    status = found.status
    address = f"{root}/v1/executions/{quote(found.name, safe='')}"
    return {
        "id": found.name,
        "notebook": found.notebook_id,
        "notebookDigest": status.notebook_digest or found.spec.notebook.digest,
        "phase": status.phase.value,
        "reason": status.reason and status.reason.value,
        "message": status.message,
        "explanation": _explained(status),
        "parameters": masked(found.spec.parameters, standing.secrets),
        "output": status.output,
        "hasOutput": bool(status.has_output),
        "violations": _violations(status),
        "warnings": [sent(warning) for warning in found.warnings],
        "exception": sent(status.exception),
        "conditions": [sent(condition) for condition in status.conditions],
        "cells": _cells(found, progress),
        "attempts": [sent(attempt) for attempt in status.attempts],
        "artifacts": [_artifact(artifact, address) for artifact in artifacts],
        "cancelled": found.spec.cancel,
        "webhook": _webhook(found),
        **_keeping(found, standing),
        "links": _links(found.name, root),
        "createdAt": submitted_at(found),
        "createdBy": found.annotations.get(names.CREATED_BY_ANNOTATION),
        "surface": found.annotations.get(names.SURFACE_ANNOTATION),
        "startedAt": time_of(status.started_at),
        "finishedAt": time_of(status.finished_at),
        "durationSeconds": seconds_between(status.started_at, status.finished_at),
    }


def cache_use(made: Answered) -> parts.CacheUse | None:
    """Return whether a call was given an answer that was there."""
    if made.use is None:
        return None
    return {
        "hit": made.use is Use.HIT,
        "met": made.use is Use.MET,
        "ageSeconds": made.age_seconds,
    }


def _keeping(found: Execution, standing: Standing) -> Keeping:
    return {
        "environment": found.annotations.get(names.ENVIRONMENT_ANNOTATION),
        "rerunOf": found.annotations.get(names.RERUN_OF_ANNOTATION),
        "cancelledBy": found.annotations.get(names.CANCELLED_BY_ANNOTATION),
        "keep": found.spec.keep,
        "expiresAt": time_of(standing.expires_at),
        "artifactsExpireAt": time_of(standing.artifacts_expire_at),
        "cache": None,
    }


def submitted_at(found: Execution) -> str:
    """Return when it was submitted, in MicroTime."""
    return submission.submitted_at(found.annotations, created=found.created)


def _explanation(status: ExecutionStatus) -> parts.Explanation:
    found: parts.Explanation = explained(status).model_dump(mode="json", by_alias=True)  # type: ignore[assignment]
    return found


def _violations(status: ExecutionStatus) -> Any:
    return [shown(violation) for violation in status.violations]


def _explained(status: ExecutionStatus) -> Any:
    return explained(status).model_dump(mode="json", by_alias=True)


def _artifact(found: Artifact, address: str) -> parts.Artifact:
    """Leave out what is not known of a page that is made when asked for, or of a run's file yet."""
    view: parts.Artifact = {
        "name": found.name,
        "mediaType": found.media_type,
        "href": f"{address}/artifacts/{quote(found.name)}",
    }
    if found.digest or found.size:
        view["size"] = found.size
    if found.digest:
        view["digest"] = found.digest
    return view


def _cells(found: Execution, progress: Progress | None) -> parts.Cells | None:
    if found.status.cells is not None:
        cells: parts.Cells = sent(found.status.cells)
        return cells
    if progress is None or found.status.phase is not Phase.RUNNING:
        return None
    return _told(progress)


def _told(progress: Progress) -> parts.Cells:
    return {"total": progress.cells_total, "completed": progress.cells_completed}


def _webhook(found: Execution) -> parts.WebhookDelivery | None:
    if found.spec.webhook is None:
        return None
    view: parts.WebhookDelivery = sent(found.status.webhook or Delivery())
    return {**view, "url": found.spec.webhook.url}


def _links(name: str, root: str) -> parts.ExecutionLinks:
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


def sent(found: Model | None) -> Any:
    """Return a type of the contract as answers show it; a test holds it to the answer's own."""
    return None if found is None else found.to_wire()
