"""The fixed tools that show the catalog: for clients that never look at a list twice."""

import base64
import binascii
from typing import Any, Final

from mcp_types import CallToolResult

from podbook_api.http.problems import Problem
from podbook_api.state import contract_line
from podbook_api.state.catalog import Entry
from podbook_api.surfaces.mcp.answers import results, texts
from podbook_api.surfaces.mcp.calling import arguments
from podbook_api.surfaces.mcp.calling.arguments import DescribeNotebook, ListNotebooks
from podbook_api.surfaces.mcp.listing import descriptions, durations, schemas
from podbook_api.surfaces.mcp.visits import GET_NOTEBOOK, LIST_NOTEBOOKS, Visit

_PAGE: Final = 50


async def list_notebooks(visit: Visit, given: dict[str, Any]) -> CallToolResult:
    """Return one page of the notebooks that hold the words."""
    asked = arguments.read(ListNotebooks, given)
    await visit.need(LIST_NOTEBOOKS)
    after = _id(asked.cursor)
    words, folder = asked.query.casefold().split(), asked.folder.strip("/")
    page: list[dict[str, Any]] = []
    for entry in visit.exposed().found:
        found = entry.notebook.id
        if found <= after or (folder and not found.startswith(f"{folder}/")):
            continue
        line = await _line(visit, entry)
        said = " ".join(str(value) for key, value in line.items() if key != "managedBy").casefold()
        if all(word in said for word in words):
            page.append(line)
        if len(page) > _PAGE:
            break
    value: dict[str, Any] = {"notebooks": page[:_PAGE]}
    if len(page) > _PAGE:
        value["nextCursor"] = _cursor(page[_PAGE - 1]["id"])
    return results.of_value(_listing(value), value)


async def describe_notebook(visit: Visit, given: dict[str, Any]) -> CallToolResult:
    """Return one notebook with its contract."""
    asked = arguments.read(DescribeNotebook, given)
    await visit.need(GET_NOTEBOOK, asked.notebook)
    entry = await visit.notebook(asked.notebook)
    spec = entry.notebook.spec
    closed = not spec.inferred
    value: dict[str, Any] = {
        **await _line(visit, entry),
        "inputSchema": schemas.entered(spec.input, spec.models, closed=closed),
        "ready": entry.problem is None,
    }
    if spec.output is not None:
        value["outputSchema"] = schemas.saved(spec.output, spec.models)
    if entry.problem is not None:
        value["problem"] = entry.problem
    return results.of_value(texts.written(value), value)


async def _line(visit: Visit, entry: Entry) -> dict[str, Any]:
    said = await visit.services.introductions.of(entry)
    spec = entry.notebook.spec
    seconds = durations.typical(visit.services.index, entry.notebook.id)
    line = {
        "id": entry.notebook.id,
        "title": descriptions.title(entry, said),
        "description": said.sentence,
        "contract": contract_line.line(spec.input, spec.output),
        "takes": "" if seconds is None else durations.roughly(seconds),
        "managedBy": entry.managed_by.value,
    }
    return {key: value for key, value in line.items() if value}


def _listing(value: dict[str, Any]) -> str:
    lines = [
        f"- {line['id']}: {line.get('description') or line['title']}"
        + (f" ({line['contract']})" if "contract" in line else "")
        for line in value["notebooks"]
    ]
    if "nextCursor" in value:
        lines.append(f"There are more: call list_notebooks with cursor {value['nextCursor']!r}.")
    return "\n".join(lines) or "No notebook is like that."


def _cursor(notebook_id: str) -> str:
    return base64.urlsafe_b64encode(notebook_id.encode()).decode()


def _id(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        detail = "cursor is what the page before gave as nextCursor, unchanged"
        raise Problem(422, "invalid-request", "The cursor leads nowhere", detail) from error
