"""/v1/versions: what a notebook was, and can be again."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.openapi import route_docs
from podbook_api.v1.answers import notebook_answers
from podbook_api.v1.answers.catalog import VersionList
from podbook_api.v1.handed import Api
from podbook_api.wiring import utc_now

routes = APIRouter(prefix="/v1/versions", tags=["catalog"])


@routes.get(
    "/{notebook_id:path}",
    dependencies=[rights.READ_NOTEBOOK],
    operation_id="listVersions",
    summary="List the versions of a notebook",
    responses=route_docs.answers(VersionList, 200),
)
async def list_versions(notebook_id: str, api: Api) -> Response:
    """List them, the newest first, with those that one cannot go back to any more."""
    entry = await api.notebooks.find(notebook_id)
    living = entry.history.living(utc_now())
    kept = {v.number for v in living if await api.contents.get(v.digest)}
    return JSONResponse(notebook_answers.versions(entry, available=kept))
