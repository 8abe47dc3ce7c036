"""/v1/notebooks: the catalog."""

from itertools import islice
from statistics import median
from typing import Final, Literal

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from podbook_api.artifacts.framed_pages import source_answers
from podbook_api.auth import rights
from podbook_api.http.paths import root_of
from podbook_api.openapi import route_docs
from podbook_api.state.catalog import Entry
from podbook_api.state.submission_order import Kind
from podbook_api.v1.answers import notebook_answers
from podbook_api.v1.answers.notebook import NotebookDetails, NotebookLine, NotebookList, Statistics
from podbook_api.v1.handed import Api
from podbook_api.v1.parameters import ListView, NotebookView, Query
from podbook_api.wiring import Services
from podbook_crds.ends.phases import Phase

# Runs that succeeded, of which it is told how long they took.
_MEASURED: Final = 20

routes = APIRouter(prefix="/v1/notebooks", tags=["notebooks"])


@routes.get(
    "",
    dependencies=[rights.LIST_NOTEBOOKS],
    operation_id="listNotebooks",
    summary="List the catalog",
    responses=route_docs.answers(NotebookList, 200),
)
async def list_notebooks(
    request: Request, api: Api, view: ListView = "full", query: Query = ""
) -> Response:
    """List all of it, or what is meant by the query."""
    root, entries = root_of(request.scope), api.catalog.entries()
    if query:
        entries = [entry for entry in entries if await _is_meant(api, entry, query)]
    if view == "full":
        return JSONResponse(
            {"items": [notebook_answers.notebook(entry, root=root) for entry in entries]}
        )
    lines = [await _line(api, entry, root) for entry in entries]
    return JSONResponse({"items": lines})


@routes.get(
    "/{notebook_id:path}",
    dependencies=[rights.READ_NOTEBOOK],
    operation_id="getNotebook",
    summary="Show a notebook",
    responses=route_docs.answers(NotebookDetails, 200),
)
async def get_notebook(
    request: Request, notebook_id: str, api: Api, view: NotebookView = "full"
) -> Response:
    """Show it, with a tag by which a run can be bound to this very version."""
    found = await api.notebooks.find(notebook_id)
    if view != "full":
        return await _source(request, api, found, view)
    root = root_of(request.scope)
    line = await _line(api, found, root)
    shown = notebook_answers.introduced(found, line, _statistics(api, found), root=root)
    return JSONResponse(shown, headers={"ETag": f'"{found.digest}"'})


async def _source(
    request: Request, services: Services, entry: Entry, view: Literal["page", "ipynb"]
) -> Response:
    if view == "page":
        return await source_answers.page(request, services.contents, services.renderer, entry)
    return await source_answers.ipynb(request, services.contents, entry)


async def _line(services: Services, entry: Entry, root: str) -> NotebookLine:
    """Return what the notebook says of itself, its last execution, and the pods that wait."""
    lines = services.index.lines(Kind(entry.notebook.id), before=None)
    said = await services.introductions.of(entry)
    waiting = notebook_answers.waiting(entry, services.warm_pods.counts(entry.notebook.name))
    return notebook_answers.catalog_line(entry, said, next(lines, None), waiting, root=root)


def _statistics(services: Services, entry: Entry) -> Statistics:
    index, notebook_id = services.index, entry.notebook.id
    succeeded = index.lines(Kind(notebook_id, Phase.SUCCEEDED), before=None)
    took = [line.seconds for line in islice(succeeded, _MEASURED) if line.seconds is not None]
    counts = (
        index.count_of(Kind(notebook_id, phase))
        for phase in (Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED)
    )
    good, bad, ended = counts
    return {
        "succeeded": good,
        "failed": bad,
        "cancelled": ended,
        "medianSeconds": median(took) if took else None,
    }


async def _is_meant(services: Services, entry: Entry, query: str) -> bool:
    """Whether every word of the query is in the notebook's id, title or first sentence."""
    said = await services.introductions.of(entry)
    text = f"{entry.notebook.id} {said.title} {said.sentence}".casefold()
    return all(word in text for word in query.casefold().split())
