"""/v1/executions/{id}/tickets: addresses of one artifact that a browser can open by itself."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.http import bodies
from podbook_api.openapi import route_docs
from podbook_api.openapi.schemas import reference
from podbook_api.v1.requests import TicketRequest
from podbook_api.wiring import Services, utc_now
from podbook_crds.resources.model import micro_time


def router(services: Services) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1/executions", tags=["artifacts"])

    @routes.post(
        "/{execution_id}/tickets",
        dependencies=[rights.READ_EXECUTION],
        operation_id="createTicket",
        summary="Get a ticket, good for five minutes, that opens one artifact without a token",
        status_code=201,
        responses=route_docs.answers("Ticket", 201),
        openapi_extra=route_docs.body(reference("TicketRequest")),
    )
    async def create_ticket(request: Request, execution_id: str) -> Response:
        value = await bodies.read_json(request, limit=services.settings.body_limit)
        asked = bodies.fitted(TicketRequest, value)
        execution = await services.executions.find(execution_id)
        ticket, expires_at = await services.tickets.issue(execution.uid, asked.artifact, utc_now())
        return JSONResponse(
            {"ticket": ticket, "expiresAt": micro_time(expires_at)},
            status_code=201,
            headers={"Cache-Control": "no-store"},
        )

    return routes
