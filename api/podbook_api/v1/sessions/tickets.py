"""/v1/executions/{id}/tickets: addresses of one artifact that a browser can open by itself."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.session import Ticket
from podbook_api.v1.handed import Api, TicketFor
from podbook_api.v1.requests import TicketRequest
from podbook_api.wiring import utc_now
from podbook_crds.resources.model import micro_time

routes = APIRouter(prefix="/v1/executions", tags=["artifacts"])


@routes.post(
    "/{execution_id}/tickets",
    dependencies=[rights.READ_EXECUTION],
    operation_id="createTicket",
    summary="Get a ticket, good for five minutes, that opens one artifact without a token",
    status_code=201,
    responses=route_docs.answers(Ticket, 201),
    openapi_extra=route_docs.body(TicketRequest),
)
async def create_ticket(execution_id: str, api: Api, asked: TicketFor) -> Response:
    """Issue it for the run that has the id now, and none that has it later."""
    execution = await api.executions.find(execution_id)
    ticket, expires_at = await api.tickets.issue(execution.uid, asked.artifact, utc_now())
    view: Ticket = {"ticket": ticket, "expiresAt": micro_time(expires_at)}
    return JSONResponse(view, status_code=201, headers={"Cache-Control": "no-store"})
