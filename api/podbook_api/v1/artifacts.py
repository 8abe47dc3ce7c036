"""/v1/executions/{id}/artifacts: the files that a run left."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from podbook_api.artifacts import file_answers, tickets
from podbook_api.artifacts.execution_artifacts import RENDERED
from podbook_api.artifacts.framed_pages import page_answers
from podbook_api.auth import rights
from podbook_api.openapi import route_docs
from podbook_api.v1.handed import Api
from podbook_api.v1.parameters import Download, Framed, Ticket
from podbook_api.wiring import Services, utc_now
from podbook_crds import names
from podbook_crds.errors import UnknownExecution
from podbook_crds.resources.execution import Execution

routes = APIRouter(prefix="/v1/executions", tags=["artifacts"])


@routes.get(
    "/{execution_id}/artifacts/{name:path}",
    dependencies=[rights.READ_ARTIFACT],
    operation_id="getArtifact",
    summary="Get a file that the run left",
    responses=route_docs.FILE,
)
async def get_artifact(
    request: Request,
    execution_id: str,
    name: str,
    api: Api,
    ticket: Ticket = None,
    _framed: Framed = None,
    _download: Download = None,
) -> Response:
    """Send the file, or the page that is made of the notebook."""
    execution = await _meant(api, execution_id, name, ticket)
    if name in RENDERED:
        report = name == names.REPORT_ARTIFACT
        hidden = api.standings.hidden(execution)
        return await page_answers.page(request, api.artifacts, execution, hidden, report=report)
    return file_answers.response(request, await api.artifacts.open(execution, name))


async def _meant(services: Services, execution_id: str, name: str, ticket: str | None) -> Execution:
    """Return the execution; with a ticket nothing is told before it is known to be good."""
    if ticket is None:
        return await services.executions.find(execution_id)
    try:
        execution = await services.executions.find(execution_id)
    except UnknownExecution as error:
        raise tickets.refused() from error
    await services.tickets.check(ticket, execution.uid, name, utc_now())
    return execution
