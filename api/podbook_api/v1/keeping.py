"""/v1/executions/{id}/keep: what is kept until somebody says otherwise."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.openapi import route_docs
from podbook_api.v1.executions import answer
from podbook_api.wiring import Services
from podbook_crds.calls.surfaces import Surface


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/executions", tags=["executions"])

    async def changed(request: Request, execution_id: str, *, keep: bool) -> Response:
        execution = await services.executions.keep(
            execution_id, keep=keep, by=caller_of(request), surface=Surface.V1
        )
        return await answer(services, request, execution, seconds=0)

    @routes.post(
        "/{execution_id}/keep",
        dependencies=[rights.CHANGE_EXECUTION],
        operation_id="keepExecution",
        summary="Keep an execution and its artifacts beyond their time",
        responses=route_docs.answers("Execution", 200),
    )
    async def keep(request: Request, execution_id: str) -> Response:
        return await changed(request, execution_id, keep=True)

    @routes.delete(
        "/{execution_id}/keep",
        dependencies=[rights.CHANGE_EXECUTION],
        operation_id="unkeepExecution",
        summary="Keep an execution no longer than its time",
        responses=route_docs.answers("Execution", 200),
    )
    async def unkeep(request: Request, execution_id: str) -> Response:
        return await changed(request, execution_id, keep=False)

    return routes
