"""/v1/notebooks: the catalog, and runs of what is in it."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.artifacts import artifact_names
from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.http import bodies, waiting
from podbook_api.http.paths import base_url, root_of
from podbook_api.openapi import route_docs
from podbook_api.openapi.schemas import reference
from podbook_api.submit import submissions
from podbook_api.v1 import views
from podbook_api.v1.executions import answer
from podbook_api.v1.parameters import DryRun, IdempotencyKey, Wait
from podbook_api.v1.requests import RunRequest, options_of
from podbook_api.wiring import Services
from podbook_crds.surfaces import Surface


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
    async def list_notebooks(request: Request) -> Response:
        root = root_of(request.scope)
        items = [views.notebook(entry, root=root) for entry in services.catalog.entries()]
        return JSONResponse({"items": items})

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
        wait: Wait = None,
        dry_run: DryRun = False,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        seconds = waiting.seconds(request, wait)
        value = await bodies.read_json(request, limit=services.settings.body_limit)
        asked = bodies.fitted(RunRequest, value)
        submission = _submission(request, asked, asked.parameters, idempotency_key)
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
        responses=route_docs.answers("Notebook", 200),
    )
    async def get_notebook(request: Request, notebook_id: str) -> Response:
        found = await services.notebooks.find(notebook_id)
        root = root_of(request.scope)
        return JSONResponse(views.notebook(found, root=root))

    return routes


def _submission(
    request: Request, asked: RunRequest, parameters: dict[str, Any], key: str | None
) -> submissions.Request:
    return submissions.Request(
        surface=Surface.V1,
        caller=caller_of(request),
        parameters=parameters,
        options=options_of(asked),
        idempotency_key=key,
        digest=asked.digest,
        webhook=asked.webhook,
        base_url=base_url(request.scope),
    )
