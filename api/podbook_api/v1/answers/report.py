"""What /v1/reports tells of a result, of what goes on, and of what came to nothing."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field, GetPydanticSchema
from typing_extensions import TypedDict

from podbook_api.state.catalog import Entry
from podbook_api.state.introductions import Introduction
from podbook_api.state.reports import Found
from podbook_api.v1 import views
from podbook_api.v1.answers import notebook_answers
from podbook_api.v1.answers.execution import Summary
from podbook_api.v1.answers.values import JsonSchema, Parameters, Time, time_of
from podbook_crds import names
from podbook_crds.call_rules import now_defaults
from podbook_crds.protocol.intake import Progress
from podbook_crds.resources import report
from podbook_crds.resources.execution import Execution

ReportSettings = Annotated[Any, GetPydanticSchema(lambda _, handler: handler(report.Report))]


class ReportResult(TypedDict):
    """The newest run with these parameters that succeeded."""

    id: str
    finishedAt: Time | None
    digest: Annotated[str | None, Field(description="Of the version that ran.")]
    current: Annotated[bool, Field(description="Whether that is the notebook as it is now.")]
    href: Annotated[str, Field(description="The page that it left.")]


class ReportLinks(TypedDict):
    """Where a POST computes it again."""

    run: str


class ReportState(TypedDict):
    """A notebook's result for some parameters; what is secret among them is left out."""

    notebook: str
    title: str
    description: str
    ready: bool
    contract: JsonSchema | None
    parameters: Parameters
    settings: ReportSettings
    result: ReportResult | None
    running: Annotated[Summary | None, Field(description="The newest that has not ended.")]
    failed: Annotated[
        Summary | None, Field(description="The last that came to nothing, after the result.")
    ]
    due: Annotated[bool, Field(description="Whether who looks at it should have it computed.")]
    dueAt: Time | None
    links: ReportLinks


def state(
    entry: Entry,
    said: Introduction,
    parameters: dict[str, Any],
    found: Found,
    progress: Progress | None,
    *,
    now: datetime,
    root: str,
) -> ReportState:
    """Return what a page needs to show the result, and to know whether to have it computed."""
    spec = entry.notebook.spec
    running, failed = (
        None if line is None else views.summary(line, told, secrets=entry.secrets, root=root)
        for line, told in ((found.running, progress), (found.failed, None))
    )
    return {
        "notebook": entry.notebook.id,
        "title": said.title,
        "description": said.sentence,
        "ready": entry.problem is None,
        "contract": notebook_answers.standing_alone(now_defaults.shown(spec.input, now), spec),
        "parameters": {k: v for k, v in parameters.items() if k not in entry.secrets},
        "settings": found.settings.to_wire(),
        "result": _result(entry, found, root),
        "running": running,
        "failed": failed,
        "due": found.is_due(now),
        "dueAt": time_of(found.due_at),
        "links": {"run": executions(entry, root)},
    }


def _result(entry: Entry, found: Found, root: str) -> ReportResult | None:
    result = found.result
    if result is None:
        return None
    ran = result.status.notebook_digest or result.spec.notebook.digest
    return {
        "id": result.name,
        "finishedAt": time_of(result.status.finished_at),
        "digest": ran,
        "current": ran == entry.digest,
        "href": page(result, found.settings, root),
    }


def page(result: Execution, settings: report.Report, root: str) -> str:
    """Return the address of the page that the run left."""
    artifact = names.REPORT_ARTIFACT if settings.hide_code else names.HTML_ARTIFACT
    return f"{root}/v1/executions/{quote(result.name, safe='')}/artifacts/{artifact}"


def executions(entry: Entry, root: str) -> str:
    """Return where a run of the notebook is asked for."""
    return f"{root}/v1/notebooks/{quote(entry.notebook.id)}/executions"
