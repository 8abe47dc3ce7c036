"""/v1/executions/{id}/keep: what is kept until somebody says otherwise."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.execution import Execution
from podbook_api.v1.answers.sending import answer
from podbook_api.v1.handed import Api
from podbook_crds.calls.surfaces import Surface

routes = APIRouter(prefix="/v1/executions", tags=["executions"])


@routes.post(
    "/{execution_id}/keep",
    dependencies=[rights.CHANGE_EXECUTION],
    operation_id="keepExecution",
    summary="Keep an execution and its artifacts beyond their time",
    responses=route_docs.answers(Execution, 200),
)
async def keep(request: Request, execution_id: str, api: Api) -> Response:
    """Neither is deleted until it is taken back."""
    return await _changed(request, execution_id, api, keep=True)


@routes.delete(
    "/{execution_id}/keep",
    dependencies=[rights.CHANGE_EXECUTION],
    operation_id="unkeepExecution",
    summary="Keep an execution no longer than its time",
    responses=route_docs.answers(Execution, 200),
)
async def unkeep(request: Request, execution_id: str, api: Api) -> Response:
    """What is beyond its time is deleted soon."""
    return await _changed(request, execution_id, api, keep=False)


async def _changed(request: Request, execution_id: str, api: Api, *, keep: bool) -> Response:
    execution = await api.executions.keep(
        execution_id, keep=keep, by=caller_of(request), surface=Surface.V1
    )
    return await answer(api, request, execution, seconds=0)
