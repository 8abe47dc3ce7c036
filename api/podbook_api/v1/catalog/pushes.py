"""/v1/notebooks, written: push, roll back, delete; each for itself, and only as it was known."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.auth.caller import caller_of, visitor_of
from podbook_api.http.paths import root_of
from podbook_api.openapi import route_docs
from podbook_api.submit.pushing.wanted import Wanted, read_spec
from podbook_api.v1.answers import notebook_answers
from podbook_api.v1.answers.catalog import PushedNotebook
from podbook_api.v1.handed import Api, Push, digest_in, manager, takes_pushes
from podbook_api.v1.requests import PushRequest
from podbook_crds.names import CATALOG_NAME_PATTERN
from podbook_crds.resources.pushed import ManagedBy

routes = APIRouter(prefix="/v1/notebooks", tags=["catalog"])

Known = Annotated[
    str | None,
    Header(alias="If-Match", description="The notebook's ETag: only this version is replaced."),
]
New = Annotated[
    str | None,
    Header(alias="If-None-Match", pattern=r"^\s*\*\s*$", description="`*`: only where none is."),
]
OnlyLook = Annotated[
    bool, Query(alias="dryRun", description="Only tell whether it would be done; write nothing.")
]
CatalogName = Annotated[
    str, Query(pattern=CATALOG_NAME_PATTERN, description="The catalog that it has to be of.")
]
ByGit = Annotated[bool, Query(alias="byGit", include_in_schema=False)]


async def _wanted(
    request: Request,
    api: Api,
    notebook_id: str,
    asked: Push,
    *,
    if_match: Known = None,
    new: New = None,
) -> Wanted:
    return Wanted(
        notebook_id,
        caller_of(request),
        asked.catalog,
        spec=None if asked.spec is None else read_spec(notebook_id, asked.spec),
        version=asked.rollback_to,
        managed_by=manager(asked.managed_by, request, api),
        source=asked.source,
        verdict=asked.verdict,
        kept={} if asked.versions is None else asked.versions.model_dump(exclude_unset=True),
        take_over=asked.take_over,
        expected="" if new else digest_in(if_match),
    )


@routes.put(
    "/{notebook_id:path}",
    dependencies=[rights.UPDATE_NOTEBOOK, Depends(takes_pushes)],
    operation_id="pushNotebook",
    summary="Push a notebook, or go back to a version of it",
    responses=route_docs.answers(PushedNotebook, 200, 201),
    openapi_extra=route_docs.body(PushRequest),
)
async def push(
    request: Request,
    api: Api,
    wanted: Annotated[Wanted, Depends(_wanted)],
    *,
    dry_run: OnlyLook = False,
) -> Response:
    """Write it whole or not at all; what stands against it is told by a 409 or 412."""

    async def may_create() -> None:
        await visitor_of(request).enter(rights.CREATE_NOTEBOOK_RIGHT.access())

    pushed = await api.pushes.put(wanted, may_create=may_create, dry_run=dry_run)
    status = 201 if pushed.is_new and not dry_run else 200
    view = notebook_answers.pushed(
        pushed.entry, changed=pushed.is_changed, root=root_of(request.scope)
    )
    return JSONResponse(view, status, headers={"ETag": f'"{pushed.entry.digest}"'})


@routes.delete(
    "/{notebook_id:path}",
    dependencies=[rights.DELETE_NOTEBOOK, Depends(takes_pushes)],
    operation_id="deleteNotebook",
    summary="Take a notebook out of the catalog",
    status_code=204,
    responses={204: {"description": "It is gone."}, "default": route_docs.PROBLEM},
)
async def delete(
    request: Request,
    notebook_id: str,
    api: Api,
    catalog: CatalogName,
    *,
    by_git: ByGit = False,
    if_match: Known = None,
) -> Response:
    """Its versions are kept, for one that is made again."""
    await api.pushes.delete(
        notebook_id,
        catalog=catalog,
        expected=digest_in(if_match),
        by=caller_of(request),
        managed=manager(ManagedBy.GIT if by_git else ManagedBy.PUSH, request, api),
    )
    return Response(status_code=204)
