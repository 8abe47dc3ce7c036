"""/v1/health: how what the API works with stands, for `podbook doctor`."""

from importlib.metadata import version

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.health import Health
from podbook_api.v1.handed import Api

routes = APIRouter(prefix="/v1/health", tags=["session"])


@routes.get(
    "",
    dependencies=[rights.LIST_NOTEBOOKS],
    operation_id="getHealth",
    summary="Show whether the artifact store takes files, and how full the queue is",
    responses=route_docs.answers(Health, 200),
)
async def get_health(api: Api) -> Response:
    """Write to the store, at most every few seconds; the answer is a 200 also where that fails."""
    store = await api.store_checks.found()
    health: Health = {
        "version": version("podbook"),
        "namespace": api.settings.namespace,
        "store": {
            "writable": not store.problem,
            "problem": store.problem or None,
            "freeBytes": store.free_bytes,
            "totalBytes": store.total_bytes,
        },
        "queue": {"queued": api.index.queued(), "limit": api.settings.queue_limit},
    }
    return JSONResponse(health, headers={"Cache-Control": "no-store"})
