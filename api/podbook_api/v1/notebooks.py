"""/v1/notebooks: the catalog, and runs of what is in it."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.artifacts import artifact_names
from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, waiting
from podbook_api.http.paths import base_url, root_of
from podbook_api.openapi import route_docs
from podbook_api.openapi.schemas import reference
from podbook_api.state.catalog import Entry
from podbook_api.state.execution_index import Line
from podbook_api.state.introductions import Introduction
from podbook_api.state.submission_order import Kind
from podbook_api.submit import submissions
from podbook_api.v1 import views
from podbook_api.v1.executions import answer
from podbook_api.v1.parameters import DryRun, IdempotencyKey, IfMatch, ListView, Query, Wait
from podbook_api.v1.requests import RunRequest, options_of
from podbook_api.wiring import Services
from podbook_crds.calls.surfaces import Surface


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/notebooks", tags=["notebooks"])

    @routes.get(
        "",
        dependencies=[rights.LIST_NOTEBOOKS],
        operation_id="listNotebooks",
        summary="List the catalog",
        responses=route_docs.answers("NotebookList", 200),
    )
    async def list_notebooks(
        request: Request, view: ListView = "full", query: Query = ""
    ) -> Response:
        root = root_of(request.scope)
        entries = services.catalog.entries()
        if query:
            entries = [e for e in entries if await _is_meant(services, e, query)]
        if view == "full":
            return JSONResponse({"items": [views.notebook(entry, root=root) for entry in entries]})
        lines = [
            views.catalog_line(entry, *await _said(services, entry), root=root) for entry in entries
        ]
        return JSONResponse({"items": lines})

    @routes.post(
        "/{notebook_id:path}/executions",
        dependencies=[rights.RUN],
        operation_id="runNotebook",
        summary="Run a notebook",
        status_code=202,
        responses=route_docs.run_answers("Execution"),
        openapi_extra=route_docs.body(reference("RunRequest")),
    )
    async def run(
        request: Request,
        notebook_id: str,
        *,
        wait: Wait = None,
        dry_run: DryRun = False,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        seconds = waiting.seconds(request, wait)
        value = await bodies.read_json(request, limit=services.settings.body_limit)
        asked = bodies.fitted(RunRequest, value)
        submission = _submission(request, asked, idempotency_key, if_match)
        if dry_run:
            entry = await services.submissions.checked(notebook_id, submission)
            ipynb = await services.dry_runs.notebook(entry, asked.parameters)
            return Response(ipynb, media_type=artifact_names.IPYNB_TYPE)
        execution = await services.submissions.run(notebook_id, submission)
        return await answer(services, request, execution, seconds=seconds, created=True)

    @routes.get(
        "/{notebook_id:path}",
        dependencies=[rights.READ_NOTEBOOK],
        operation_id="getNotebook",
        summary="Show a notebook",
        responses=route_docs.answers("NotebookDetails", 200),
    )
    async def get_notebook(request: Request, notebook_id: str) -> Response:
        found = await services.notebooks.find(notebook_id)
        root = root_of(request.scope)
        view = views.introduced(found, *await _said(services, found), root=root)
        return JSONResponse(view, headers={"ETag": f'"{found.digest}"'})

    return routes


async def _said(services: Services, entry: Entry) -> tuple[Introduction, Line | None]:
    """Return what the notebook says of itself, and its last execution."""
    lines = services.index.lines(Kind(entry.notebook.id), before=None)
    return await services.introductions.of(entry), next(lines, None)


async def _is_meant(services: Services, entry: Entry, query: str) -> bool:
    """Whether every word of the query is in the notebook's id, title or first sentence."""
    said = await services.introductions.of(entry)
    text = f"{entry.notebook.id} {said.title} {said.sentence}".casefold()
    return all(word in text for word in query.casefold().split())


def _submission(
    request: Request, asked: RunRequest, key: str | None, if_match: str | None
) -> submissions.Request:
    return submissions.Request(
        surface=Surface.V1,
        caller=caller_of(request),
        parameters=asked.parameters,
        options=options_of(asked),
        idempotency_key=key,
        digest=asked.digest or _tagged(if_match),
        webhook=asked.webhook,
        base_url=base_url(request.scope),
    )


def _tagged(if_match: str | None) -> str | None:
    """Return the digest that If-Match wants; `*` is any. What is no digest is none of ours: 412."""
    if if_match is None or if_match.strip() == "*":
        return None
    return if_match.strip().strip('"')
