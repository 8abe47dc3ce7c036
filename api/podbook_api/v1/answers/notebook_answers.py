"""What /v1 shows of notebooks."""

from collections.abc import Container
from datetime import UTC, datetime
from urllib.parse import quote

from podbook_api.openapi import contract_schemas
from podbook_api.state import contract_line
from podbook_api.state.catalog import Entry
from podbook_api.state.execution_index import Line
from podbook_api.state.introductions import Introduction
from podbook_api.state.warm_pods import Counts
from podbook_api.v1 import views
from podbook_api.v1.answers.catalog import PushedNotebook, VersionList
from podbook_api.v1.answers.notebook import (
    Notebook,
    NotebookDetails,
    NotebookLine,
    Statistics,
    WaitingPods,
)
from podbook_crds.call_rules import now_defaults
from podbook_crds.resources.model import micro_time
from podbook_crds.resources.notebook import NotebookSpec, Schema


def notebook(entry: Entry, *, root: str) -> Notebook:
    """Return one notebook: its contract, defaults, and whether it can be run."""
    found, spec = entry.notebook, entry.notebook.spec
    address = f"{root}/v1/notebooks/{quote(found.id)}"
    return {
        "id": found.id,
        "digest": entry.digest,
        "ready": entry.problem is None,
        "problem": entry.problem,
        "input": spec.input,
        "output": spec.output,
        # Where nothing could be read from it, as of R, there is no contract that was.
        "inferred": spec.inferred and spec.input is not None,
        "outputValidation": spec.output_validation.value,
        "language": spec.runtime.language,
        "overrides": views.sent(spec.overrides),
        "defaults": spec.defaults.to_wire(),
        "cache": None if spec.cache is None else views.sent(spec.cache),
        "examples": [each.to_wire() for each in spec.examples],
        "managedBy": entry.managed_by.value,
        "catalog": entry.catalog,
        "version": entry.history.items[0].number if entry.history.items else None,
        "specDigest": entry.spec_digest,
        "links": {"self": address, "executions": f"{address}/executions"},
    }


def pushed(entry: Entry, *, changed: bool, root: str) -> PushedNotebook:
    """Return what a push made of a notebook."""
    return {**notebook(entry, root=root), "changed": changed}


def versions(entry: Entry, *, available: Container[int]) -> VersionList:
    """Return the versions of a notebook, the newest first."""
    return {
        "id": entry.notebook.id,
        "digest": entry.digest,
        "managedBy": entry.managed_by.value,
        "catalog": entry.catalog,
        "items": [
            {
                "number": version.number,
                "digest": version.digest,
                "pushedAt": micro_time(version.pushed_at),
                "pushedBy": version.pushed_by,
                "source": views.sent(version.source),
                "verdict": version.verdict and version.verdict.value,
                "rollbackOf": version.rollback_of,
                "current": not before and version.digest == entry.digest,
                "available": version.number in available,
            }
            for before, version in enumerate(entry.history.items)
        ],
    }


def waiting(entry: Entry, counts: Counts) -> WaitingPods | None:
    """Return how the pods stand that are made before a call, None where there are none."""
    warm = entry.notebook.spec.warm
    if warm is None:
        return None
    return {
        "level": warm.level.value,
        "min": warm.min,
        "max": warm.max,
        "ready": counts.ready,
        "coming": counts.coming,
        "problem": entry.why_none_waits,
    }


def catalog_line(
    entry: Entry, said: Introduction, last: Line | None, warm: WaitingPods | None, *, root: str
) -> NotebookLine:
    """Return one notebook as a list for people shows it."""
    found, spec = entry.notebook, entry.notebook.spec
    address = f"{root}/v1/notebooks/{quote(found.id)}"
    return {
        "id": found.id,
        "title": said.title,
        "description": said.sentence,
        "authors": spec.authors or [],
        "tags": spec.tags or [],
        "contract": contract_line.line(spec.input, spec.output),
        "language": spec.runtime.language,
        "ready": entry.problem is None,
        "problem": entry.problem,
        "managedBy": entry.managed_by.value,
        "lastExecution": (
            None if last is None else views.summary(last, None, secrets=entry.secrets, root=root)
        ),
        "warm": warm,
        "links": {"self": address, "executions": f"{address}/executions"},
    }


def introduced(
    entry: Entry, line: NotebookLine, statistics: Statistics, *, root: str
) -> NotebookDetails:
    """Return one notebook as its line says, and with its contract to stand on its own."""
    spec = entry.notebook.spec
    takes = standing_alone(now_defaults.shown(spec.input, datetime.now(UTC)), spec)
    gives = standing_alone(spec.output, spec)
    return {
        **line,
        **notebook(entry, root=root),
        "name": entry.notebook.name,
        "resolved": {"input": takes, "output": gives},
        "models": {alias: model.to_wire() for alias, model in spec.models.items()},
        "statistics": statistics,
    }


def standing_alone(schema: Schema | None, spec: NotebookSpec) -> Schema | None:
    """Return one of its schemas with the shared models in their places."""
    return None if schema is None else contract_schemas.resolved(schema, spec.models)
