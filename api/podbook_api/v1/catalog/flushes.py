"""/v1/notebooks/{id}/warm/flush: the pods that wait for its calls are made anew."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.auth import access_log, rights
from podbook_api.auth.caller import caller_of
from podbook_api.http.problems import Problem
from podbook_api.openapi import route_docs
from podbook_api.state.catalog import Entry
from podbook_api.v1.answers.catalog import Flush
from podbook_api.v1.handed import Api
from podbook_api.wiring import Services, utc_now
from podbook_crds import names
from podbook_crds.errors import Refused, UnknownNotebook
from podbook_crds.resources.model import micro_time

routes = APIRouter(prefix="/v1/notebooks", tags=["notebooks"])


@routes.post(
    "/{notebook_id:path}/warm/flush",
    dependencies=[rights.UPDATE_NOTEBOOK],
    operation_id="flushWarmPods",
    summary="Have the pods that wait for calls made anew",
    status_code=202,
    responses=route_docs.answers(Flush, 202),
)
async def flush(request: Request, notebook_id: str, api: Api) -> Response:
    """Those that wait end, and others come, with what Secrets and images say now.

    Runs are left alone; a call that comes before the others are there has a pod made for it.
    """
    entry = await api.notebooks.find(notebook_id)
    if entry.notebook.spec.warm is None or not api.settings.warm:
        raise _keeps_none(notebook_id, is_off=not api.settings.warm)
    at = micro_time(utc_now())
    await _annotate(api, entry, at)
    access_log.changed("flush", notebook_id, by=caller_of(request))
    view: Flush = {"id": notebook_id, "flushedAt": at}
    return JSONResponse(view, 202)


async def _annotate(services: Services, entry: Entry, at: str) -> None:
    """Write when it was asked for: pods that were made under another annotation are of no use."""
    patch = {"metadata": {"annotations": {names.WARM_FLUSH_ANNOTATION: at}}}
    try:
        resource = await services.cluster.merge(names.NOTEBOOK_PLURAL, entry.notebook.name, patch)
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        raise UnknownNotebook(f"notebook {entry.notebook.id!r} has just gone") from refused
    services.followed.put(resource)


def _keeps_none(notebook_id: str, *, is_off: bool) -> Problem:
    detail = (
        "pods that wait for calls are switched off here; in a cluster operator.config.warm.total"
        " of the chart switches them on"
        if is_off
        else f"the configuration of notebook {notebook_id[:200]!r} has no `warm`"
    )
    return Problem(409, "keeps-no-pods", "No pods wait for its calls", detail)
