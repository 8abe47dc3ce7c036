"""Sends an execution as it stands, or as it is when it ends or the caller's time is over."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from podbook_api.artifacts import stored_outcome
from podbook_api.http import waiting
from podbook_api.http.paths import root_of
from podbook_api.http.reading import written_json
from podbook_api.submit.again.reuse import Answered
from podbook_api.v1 import views
from podbook_api.wiring import Services
from podbook_crds.ends.phases import Phase
from podbook_crds.resources.execution import Execution


async def answer(
    services: Services,
    request: Request,
    execution: Execution,
    *,
    seconds: float,
    made: Answered | None = None,
) -> Response:
    """Return the execution as it is when it ends or the time is over; 202 only to a POST.

    made is what such a POST came to.
    """
    if seconds and not execution.status.phase.is_final:
        waited = services.executions.finished(execution.name, seconds=seconds)
        execution = await waiting.while_connected(request, waited)
    if made is None:
        execution = await services.starts.derived(execution)
    execution = await stored_outcome.completed(services.store, services.reader, execution)
    running = execution.status.phase is Phase.RUNNING
    view = views.execution(
        execution,
        await services.artifacts.listed(execution),
        await services.progress.get(execution.uid, execution.status.last_claimed)
        if running
        else None,
        await services.standings.of(execution),
        root=root_of(request.scope),
    )
    if made is None:
        return as_json(view)
    view["cache"] = views.cache_use(made)
    headers = {"Location": view["links"]["self"], **_cache_headers(made)}
    return as_json(view, status=200 if execution.status.phase.is_final else 202, headers=headers)


def _cache_headers(made: Answered) -> dict[str, str]:
    """Return what programs in between know: Age, of RFC 9111, in whole seconds."""
    age = {} if made.age_seconds is None else {"Age": str(int(made.age_seconds))}
    return {**age, **({} if made.use is None else {"Podbook-Cache": made.use.value})}


def as_json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer of JSON."""
    body = written_json.dumps(value)
    return Response(body, status_code=status, headers=headers, media_type="application/json")
