"""/v1/reports/{id}: the newest result for the parameters in the address. A GET starts no run."""

import json
from typing import Annotated, Any, Final, Literal

import fastapi
from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, RedirectResponse, Response

from podbook_api.auth import rights
from podbook_api.http.paths import root_of
from podbook_api.http.problems import Problem
from podbook_api.openapi import route_docs
from podbook_api.state.catalog import Entry
from podbook_api.v1.answers import report
from podbook_api.v1.handed import Api
from podbook_api.wiring import Services, utc_now
from podbook_crds.call_rules import now_defaults, typed_texts
from podbook_crds.call_rules.defaults import filled
from podbook_crds.call_rules.parameters import ROOT
from podbook_crds.checking.contract import contract_of
from podbook_crds.errors import InvalidParameters, UnknownExecution, Violation
from podbook_crds.formats.json_pointers import pointer_step
from podbook_crds.protocol.intake import Progress

routes = APIRouter(prefix="/v1/reports", tags=["notebooks"])

# What the page is told by, not the notebook: no parameter's name has a dot.
_OWN: Final = "podbook."

View = Annotated[
    Literal["state"] | None,
    fastapi.Query(
        alias="podbook.view", description="state tells of the result instead of leading to it."
    ),
]


@routes.get(
    "/{notebook_id:path}",
    dependencies=[rights.READ_REPORT],
    operation_id="getReport",
    summary="Get the newest result for the parameters in the query",
    responses={
        200: {"description": "With podbook.view=state.", "model": report.ReportState},
        303: {"description": "Location is the page that the newest result is."},
        "default": route_docs.PROBLEM,
    },
)
async def get_report(request: Request, notebook_id: str, api: Api, view: View = None) -> Response:
    """Find it by the parameters, as their contract has them."""
    entry = await api.notebooks.find(notebook_id)
    parameters = await _parameters(api, entry, request.query_params)
    found = await api.reports.of(entry, parameters)
    root, headers = root_of(request.scope), {"Cache-Control": "no-store"}
    if view is not None:
        said, running = await api.introductions.of(entry), found.running
        told = None if running is None else await _progress(api, running.name)
        shown = report.state(entry, said, parameters, found, told, now=utc_now(), root=root)
        return JSONResponse(shown, headers=headers)
    if found.result is None:
        raise _no_result(entry, parameters, root)
    address = report.page(found.result, found.settings, root)
    return RedirectResponse(address, status_code=303, headers=headers)


async def _progress(api: Services, name: str) -> Progress | None:
    """Return how far a run is; None also where it has just been deleted."""
    try:
        execution = await api.executions.find(name)
    except UnknownExecution:
        return None
    return await api.progress.get(execution.uid, execution.status.last_claimed)


async def _parameters(api: Services, entry: Entry, query: QueryParams) -> dict[str, Any]:
    """Return the parameters of the address, defaults filled in; raise InvalidParameters."""
    spec = entry.notebook.spec
    given: dict[str, str] = {}
    for name, text in query.multi_items():
        if name.startswith(_OWN):
            continue
        why = "stands there twice" if name in given else ""
        if name in entry.secrets:
            why = "is secret: it has no place in an address"
        if why:
            raise InvalidParameters([Violation(f"{ROOT}{pointer_step(name)}", why)])
        given[name] = text
    typed = now_defaults.given(typed_texts.typed(given, spec.input), spec.input, utc_now())
    await api.checker.parameters(
        typed, contract_of(spec), strict=True, language=spec.runtime.language
    )
    return filled(typed, spec.input)


def _no_result(entry: Entry, parameters: dict[str, Any], root: str) -> Problem:
    body = json.dumps({"parameters": parameters})
    return Problem(
        404,
        "no-result",
        "There is no result for these parameters",
        f"no run of {entry.notebook.id!r} with them has succeeded; to get one:"
        f" POST {report.executions(entry, root)} {body}",
    )
