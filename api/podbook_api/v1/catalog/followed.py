"""/v1/catalog: where the notebooks come from, and how a followed repository stands."""

from collections import Counter

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from podbook_api.auth import rights
from podbook_api.openapi import route_docs
from podbook_api.v1.answers.catalog import CatalogStatus, Followed
from podbook_api.v1.handed import Api
from podbook_api.wiring import Services
from podbook_crds.protocol import followed_catalog

routes = APIRouter(prefix="/v1/catalog", tags=["catalog"])


@routes.get(
    "",
    dependencies=[rights.LIST_NOTEBOOKS],
    operation_id="getCatalog",
    summary="Tell where the notebooks come from",
    responses=route_docs.answers(CatalogStatus, 200),
)
async def get_catalog(api: Api) -> Response:
    """Tell the catalogs, what of a repository is not served, and what notebooks may ask for."""
    counted = Counter((entry.catalog, entry.managed_by) for entry in api.catalog.entries())
    ordered = sorted(counted.items(), key=lambda each: (each[0][0] or "", each[0][1]))
    view: CatalogStatus = {
        "takesPushes": api.settings.catalog_push,
        "catalogs": [
            {"name": name, "managedBy": by.value, "notebooks": count}
            for (name, by), count in ordered
        ],
        "git": await _followed(api),
        "environments": api.submissions.limits.environments,
        "limits": api.submissions.limits.limits.to_wire(),
    }
    return JSONResponse(view)


async def _followed(api: Services) -> Followed | None:
    """Return what the loader last told; None where there is no loader, or nothing yet."""
    if not api.settings.catalog_status:
        return None
    found = await api.cluster.get("configmaps", api.settings.catalog_status) or {}
    text = (found.get("data") or {}).get(followed_catalog.STATUS_KEY)
    told = text and followed_catalog.parse(text)
    if not told:
        return None
    view: Followed = told.model_dump(mode="json", by_alias=True)  # type: ignore[assignment]
    return view
