"""Noteburst: a notebook is handed in, and polled for until it is complete."""

import contextlib
import math
import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, Field, JsonValue
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, switches
from podbook_api.http.paths import base_url
from podbook_api.http.reading import values
from podbook_api.http.reading.written_json import WrittenJson
from podbook_api.openapi import route_docs
from podbook_api.openapi.references import own_schema
from podbook_api.submit import calls, inline
from podbook_api.submit.again import freshness
from podbook_api.submit.webhooks import WebhookRequest
from podbook_api.surfaces.answers import json_response
from podbook_api.surfaces.outcome import times
from podbook_api.v1.handed import Api
from podbook_api.v1.parameters import IdempotencyKey
from podbook_api.v1.views import submitted_at
from podbook_api.wiring import Services
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.ends.phases import Phase
from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import UnknownArtifact
from podbook_crds.formats.durations import UNIT_SECONDS
from podbook_crds.resources.execution import Execution
from podbook_crds.resources.model import micro_time

PATH: Final = "/noteburst/v1/notebooks"
KERNEL_ANNOTATION: Final = "podbook.dev/noteburst-kernel"
TIMEOUT_ANNOTATION: Final = "podbook.dev/noteburst-timeout"

_DEFAULT_SECONDS: Final = 300
_LONGEST_SECONDS: Final = 31_536_000

_DURATION: Final = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z])",
    re.IGNORECASE,
)


def _duration(value: Any) -> Any:
    """Read 300, "300", "5m", "1h 30min", "1h30m"; raise ValueError for anything else."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = value if isinstance(value, str) else ""
    with contextlib.suppress(ValueError):
        return float(text)
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError('has to be a number of seconds, or a duration such as "5m"')
    return sum(float(number) * UNIT_SECONDS[unit[0].lower()] for number, unit in parts)


_Seconds = Annotated[float, Field(gt=0, le=_LONGEST_SECONDS)]


class Submission(BaseModel):
    """Body of the POST."""

    ipynb: str | dict[str, JsonValue]
    kernel_name: str = Field(default="LSST", max_length=253)
    # Of the whole run, in seconds.
    timeout: Annotated[_Seconds | None, BeforeValidator(_duration)] = None
    enable_retry: bool = True
    # Not in Noteburst itself, where it was a wish: who is told when the job is complete.
    webhook: WebhookRequest | None = None


routes = APIRouter(tags=["noteburst"])


async def _submit_notebook(
    request: Request, api: Api, idempotency_key: IdempotencyKey = None
) -> Response:
    body = await api.whole_body_of(request)
    switches.check_body(body.value, Submission)
    asked = bodies.fitted(Submission, body.value)
    notebook = inline.read(asked.ipynb, body.came_along)
    submission = calls.Request(
        surface=Surface.NOTEBURST,
        caller=caller_of(request),
        idempotency_key=idempotency_key,
        **freshness.of(request),
        options=_options(asked, api.settings.kernel_aliases),
        language=notebook.language,
        annotations={
            KERNEL_ANNOTATION: asked.kernel_name,
            TIMEOUT_ANNOTATION: str(asked.timeout or _DEFAULT_SECONDS),
        },
        webhook=asked.webhook,
        base_url=base_url(request.scope),
        shown_at=PATH,
    )
    made = await api.submissions.run_inline(notebook.text, submission, notebook.cache)
    execution = made.execution
    view = await _view(api, request, execution, source=False, result=False)
    return json_response(view, status=202, headers={"Location": view["self_url"]})


routes.add_api_route(
    f"{PATH}/",
    _submit_notebook,
    methods=["POST"],
    status_code=202,
    dependencies=[rights.RUN],
    operation_id="noteburstSubmit",
    responses=route_docs.older_answers(202),
    openapi_extra=route_docs.body(own_schema(Submission)),
    summary="Run a notebook of your own",
)

routes.add_api_route(
    PATH,
    _submit_notebook,
    methods=["POST"],
    dependencies=[rights.RUN],
    status_code=202,
    include_in_schema=False,
)


@routes.get(
    PATH + "/{job_id}",
    dependencies=[rights.READ_JOB],
    operation_id="noteburstJob",
    summary="Show a job",
    responses=route_docs.older_answers(200),
)
async def _get_job(
    request: Request, api: Api, job_id: str, source: bool = False, result: bool = True
) -> Response:
    execution = await api.executions.find(job_id)
    return json_response(await _view(api, request, execution, source=source, result=result))


def _options(asked: Submission, aliases: dict[str, str]) -> dict[str, Any]:
    kernel = aliases.get(asked.kernel_name.lower(), asked.kernel_name)
    # Whole seconds, and never less than was asked for.
    seconds = _DEFAULT_SECONDS if asked.timeout is None else math.ceil(asked.timeout)
    return {
        "deadlineSeconds": seconds,
        "idempotent": asked.enable_retry,
        **({"runtime": {"kernel": kernel}} if kernel else {}),
    }


async def _view(
    services: Services, request: Request, execution: Execution, *, source: bool, result: bool
) -> dict[str, Any]:
    spec = execution.spec
    kernel = spec.runtime.kernel or ""
    view: dict[str, Any] = {
        "job_id": execution.name,
        "kernel_name": execution.annotations.get(KERNEL_ANNOTATION, kernel),
        "enqueue_time": submitted_at(execution),
        "status": _status(execution.status.phase),
        "self_url": f"{base_url(request.scope)}{PATH}/{execution.name}",
        "timeout": _timeout(execution),
    }
    if source:
        view["source"] = await _source(services, execution)
    if result and execution.status.phase.is_final:
        view |= await _result(services, execution)
    return {key: value for key, value in view.items() if value is not None}


async def _source(services: Services, execution: Execution) -> str | WrittenJson | None:
    source = await services.artifacts.source(execution)
    if source is None:
        return None
    return await values.text(services.reader, source.encode("utf-8", "surrogatepass"))


def _timeout(execution: Execution) -> float:
    """Return what was asked for, which may have a fraction; kubectl may write anything there."""
    with contextlib.suppress(ValueError):
        asked = float(execution.annotations.get(TIMEOUT_ANNOTATION, ""))
        if math.isfinite(asked):
            return asked
    return float(execution.spec.deadline_seconds or _DEFAULT_SECONDS)


def _status(phase: Phase) -> str:
    if phase.is_final:
        return "complete"
    return "in_progress" if phase is Phase.RUNNING else "queued"


async def _result(services: Services, execution: Execution) -> dict[str, Any]:
    """Return the outcome; nothing of it where the notebook has been swept away meanwhile."""
    status = execution.status
    started, finished = times(execution)
    ran = {"start_time": micro_time(started), "finish_time": micro_time(finished)}
    if status.reason not in (Reason.NOTEBOOK_COMPLETED, Reason.NOTEBOOK_RAISED):
        return {**ran, "success": False, "error": _error(execution)}
    try:
        ipynb = await services.artifacts.executed(execution)
    except UnknownArtifact:
        return {}
    shown = await values.text(services.reader, ipynb)
    raised = status.exception
    error = None if raised is None else {"name": raised.name, "message": raised.value}
    return {**ran, "success": True, "ipynb": shown, "ipynb_error": error}


def _error(execution: Execution) -> dict[str, str]:
    status = execution.status
    reason = Reason.INTERNAL_ERROR if status.reason is None else status.reason
    code = "jupyter_error"
    if reason is Reason.DEADLINE_EXCEEDED:
        code = "timeout"
    elif reason in (Reason.INTERNAL_ERROR, Reason.CANCELLED):
        code = "unknown"
    return {"code": code, "message": status.message or reason.value, "exception_type": reason.value}
