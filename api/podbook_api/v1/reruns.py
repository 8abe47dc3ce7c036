"""/v1/executions/{id}/rerun: the same once more, or with other parameters."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of, visitor_of
from podbook_api.http.paths import base_url
from podbook_api.openapi import route_docs
from podbook_api.submit import calls
from podbook_api.submit.again import reruns
from podbook_api.v1.answers.execution import Execution as ExecutionView
from podbook_api.v1.answers.execution_answers import answer
from podbook_api.v1.handed import Api, Rerun, Seconds
from podbook_api.v1.parameters import IdempotencyKey
from podbook_api.v1.requests import RerunRequest
from podbook_crds import names
from podbook_crds.call_rules.surfaces import Surface
from podbook_crds.resources.execution import Execution

routes = APIRouter(prefix="/v1/executions", tags=["executions"])


@routes.post(
    "/{execution_id}/rerun",
    dependencies=[rights.RUN],
    operation_id="rerunExecution",
    summary="Run an execution once more",
    status_code=202,
    responses=route_docs.answers(ExecutionView, 200, 202),
    openapi_extra=route_docs.body(RerunRequest),
)
async def rerun(
    request: Request,
    execution_id: str,
    *,
    api: Api,
    seconds: Seconds,
    asked: Rerun,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Run it with its parameters: only who may read them may."""
    await visitor_of(request).enter(rights.READ_EXECUTION_RIGHT.access(execution_id))
    former = await api.executions.find(execution_id)
    again = _submission(request, asked, former, idempotency_key)
    made = await api.reruns.run(former, again, asked.version)
    return await answer(api, request, made.execution, seconds=seconds, made=made)


def _submission(
    request: Request, asked: RerunRequest, former: Execution, key: str | None
) -> calls.Request:
    return calls.Request(
        surface=Surface.V1,
        caller=caller_of(request),
        parameters=reruns.edited(former, asked.parameters, asked.without),
        options=reruns.options(former),
        idempotency_key=key,
        language=former.annotations.get(names.LANGUAGE_ANNOTATION),
        annotations=reruns.annotations(former),
        fresh=True,
        base_url=base_url(request.scope),
    )
