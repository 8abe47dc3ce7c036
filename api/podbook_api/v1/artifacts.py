"""/v1/executions/{id}/artifacts: the files that a run left."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.http import file_answers
from podbook_api.openapi import route_docs
from podbook_api.wiring import Services


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
        return file_answers.response(request, await services.artifacts.open(execution, name))

    return routes
