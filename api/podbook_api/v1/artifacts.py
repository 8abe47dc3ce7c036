"""/v1/executions/{id}/artifacts: the files that a run left."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.artifacts.execution_artifacts import RENDERED
from podbook_api.artifacts.frame import page_answers
from podbook_api.auth import rights
from podbook_api.http import file_answers
from podbook_api.openapi import route_docs
from podbook_api.wiring import Services
from podbook_crds import names


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/executions", tags=["artifacts"])

    @routes.get(
        "/{execution_id}/artifacts/{name:path}",
        dependencies=[rights.READ_EXECUTION],
        operation_id="getArtifact",
        summary="Get a file that the run left",
        responses=route_docs.FILE,
    )
    async def get_artifact(request: Request, execution_id: str, name: str) -> Response:
        execution = await services.executions.find(execution_id)
        if name in RENDERED:
            report = name == names.REPORT_ARTIFACT
            return await page_answers.page(request, services.artifacts, execution, report=report)
        return file_answers.response(request, await services.artifacts.open(execution, name))

    return routes
