"""The list of tools: six that are always there, and one for each notebook."""

import asyncio
from typing import Any, Final

from cachetools import FIFOCache
from mcp_types import Tool, ToolAnnotations

from podbook_api.state.catalog import Entry
from podbook_api.surfaces.mcp.answers import envelope
from podbook_api.surfaces.mcp.calling import arguments
from podbook_api.surfaces.mcp.calling.arguments import Arguments
from podbook_api.surfaces.mcp.listing import descriptions, durations, schemas
from podbook_api.surfaces.mcp.visits import CANCEL, LIST_NOTEBOOKS, RUN, Visit
from podbook_crds import names

Schema = dict[str, Any]

NOTEBOOK: Final = f"{names.GROUP}/notebook"

_REMEMBERED: Final = 2048
_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer"}
_LOOK: Final = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_DO: Final = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False)
_END: Final = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True)
_SAID: Final = {
    "list_notebooks": (
        "List notebooks",
        "Finds notebooks that can be run: typed reports, analyses and jobs, each with a contract."
        " Page by page, by words or by folder.",
    ),
    "describe_notebook": (
        "Describe a notebook",
        "Returns what a notebook takes and gives back, as JSON Schema; call it before"
        " run_notebook.",
    ),
    "run_notebook": (
        "Run a notebook",
        "Runs a notebook by its id, in a process of its own, and returns what it saves. What goes"
        " on for long comes back as a handle for get_execution.",
    ),
    "get_execution": (
        "Look at a run",
        "Returns a run's result, or how far it is; waits for its end with waitSeconds.",
    ),
    "get_artifact": (
        "Read a file of a run",
        "Returns a part of a file that a run left: output.json, the notebook as it ran"
        " (notebook.ipynb), exception.txt, or what it wrote.",
    ),
    "cancel_execution": (
        "Cancel a run",
        "Ends a run that goes on. What its cells did elsewhere stays done.",
    ),
}

_LINE: Final[Schema] = {
    "type": "object",
    "required": ["id"],
    "properties": dict.fromkeys(
        ("id", "title", "description", "contract", "takes", "managedBy", "problem"), _TEXT
    ),
}
_LIST: Final[Schema] = {
    "type": "object",
    "required": ["notebooks"],
    "properties": {"notebooks": {"type": "array", "items": _LINE}, "nextCursor": _TEXT},
}
_DETAILS: Final[Schema] = {
    **_LINE,
    "properties": {
        **_LINE["properties"],
        "ready": {"type": "boolean"},
        "inputSchema": {"type": "object"},
        "outputSchema": {"type": "object"},
    },
}
_FILE: Final[Schema] = {
    "type": "object",
    "required": ["executionId", "name", "mediaType", "size"],
    "properties": {
        **dict.fromkeys(("executionId", "name", "mediaType", "text", "base64"), _TEXT),
        **dict.fromkeys(("size", "offset", "nextOffset"), _COUNT),
    },
}


def _fixed(name: str, *, takes: type[Arguments], gives: Schema, hints: ToolAnnotations) -> Tool:
    title, description = _SAID[name]
    return Tool(
        name=name,
        title=title,
        description=description,
        input_schema=arguments.schema(takes),
        output_schema=gives,
        annotations=hints.model_copy(update={"title": title}),
    )


_RUN: Final = envelope.schema({})
FIXED: Final = (
    _fixed("list_notebooks", takes=arguments.ListNotebooks, gives=_LIST, hints=_LOOK),
    _fixed("describe_notebook", takes=arguments.DescribeNotebook, gives=_DETAILS, hints=_LOOK),
    _fixed("run_notebook", takes=arguments.RunNotebook, gives=_RUN, hints=_DO),
    _fixed("get_execution", takes=arguments.GetExecution, gives=_RUN, hints=_LOOK),
    _fixed("get_artifact", takes=arguments.GetArtifact, gives=_FILE, hints=_LOOK),
    _fixed("cancel_execution", takes=arguments.OneExecution, gives=_RUN, hints=_END),
)
NAMES: Final = frozenset(tool.name for tool in FIXED)


class Tools:
    """The tools that a caller may use; a notebook's is made once for each of its versions."""

    def __init__(self) -> None:
        self._made: FIFOCache[tuple[str, ...], Tool] = FIFOCache(_REMEMBERED)

    async def of(self, visit: Visit) -> list[Tool]:
        """Return them in an order that stays: what reads them keeps what it read before."""
        lists, runs = await visit.may(LIST_NOTEBOOKS), await visit.may(RUN)
        left_out = {
            name
            for name, allowed in (
                ("list_notebooks", lists),
                ("run_notebook", runs),
                ("cancel_execution", await visit.may(CANCEL)),
            )
            if not allowed
        }
        tools = [tool for tool in FIXED if tool.name not in left_out]
        if lists and runs:
            by_id = {notebook_id: name for name, notebook_id in visit.names().items()}
            for entry in await visit.may_execute(visit.exposed().tools):
                tools.append(await self._tool(visit, entry, by_id[entry.notebook.id]))
        return tools

    async def _tool(self, visit: Visit, entry: Entry, name: str) -> Tool:
        seconds = durations.typical(visit.services.index, entry.notebook.id)
        key = (name, entry.digest, "" if seconds is None else durations.roughly(seconds))
        made = self._made.get(key)
        if made is None:
            said = await visit.services.introductions.of(entry)
            text = descriptions.description(entry, said, seconds)
            made = await asyncio.to_thread(
                _tool, entry, name, descriptions.title(entry, said), text
            )
            self._made[key] = made
        return made


def _tool(entry: Entry, name: str, title: str, description: str) -> Tool:
    spec = entry.notebook.spec
    repeatable = spec.defaults.idempotent
    return Tool(
        name=name,
        title=title,
        description=description,
        input_schema=schemas.entered(spec.input, spec.models, closed=not spec.inferred),
        output_schema=envelope.of_notebook(entry),
        annotations=ToolAnnotations(
            title=title,
            read_only_hint=False,
            # Nobody but its author knows what its cells do; idempotent is what they said of it.
            destructive_hint=not repeatable,
            idempotent_hint=repeatable,
        ),
        _meta={NOTEBOOK: entry.notebook.id},
    )
