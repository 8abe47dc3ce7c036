"""The protocol's server: what it lists, and what becomes of each call.

Imported when the first client comes: the protocol's library takes a second to load.
"""

import difflib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from mcp.server import NotificationOptions, Server, ServerRequestContext
from mcp.server.models import InitializationOptions
from mcp.server.subscriptions import ListenHandler, SubscriptionBus
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)

from podbook_api.http.problems import Problem, problem_of
from podbook_api.surfaces.mcp.answers import results
from podbook_api.surfaces.mcp.calling import arguments, catalog_tools, execution_tools
from podbook_api.surfaces.mcp.calling.repeats import Repeats
from podbook_api.surfaces.mcp.calling.runs import Asked, Runs
from podbook_api.surfaces.mcp.listing.tools import NAMES, Tools
from podbook_api.surfaces.mcp.visits import LIST_NOTEBOOKS, RUN, Visit
from podbook_api.wiring import Services
from podbook_crds import names
from podbook_crds.errors import PodbookError

FRESH: Final = f"{names.GROUP}/fresh"
_INSTRUCTIONS: Final = (
    "Each tool runs a whole notebook in a process of its own and returns its typed output."
    " Where a notebook is no tool of its own, find it with list_notebooks, read its contract with"
    " describe_notebook, run it with run_notebook. A result with phase Running is no end: call"
    " get_execution with its executionId."
)

_log = logging.getLogger(__name__)

Context = ServerRequestContext[Any, Any]
Handler = Callable[[Visit, dict[str, Any]], Awaitable[CallToolResult]]


class NotebookServer(Server[Any]):
    """The library's server, which tells older clients too that its list changes."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Return what an older client is told when it introduces itself."""
        told = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(told, experimental_capabilities, extensions)


def build(
    services: Services, version: str, bus: SubscriptionBus
) -> tuple[Server[Any], ListenHandler]:
    """Return the server, and what tells its clients that the list has changed."""
    listening = ListenHandler(bus)
    answers = Answers(services)
    server = NotebookServer(
        "podbook",
        title="Podbook",
        version=version,
        instructions=_INSTRUCTIONS,
        # No header repeats an argument: there is nothing to compare.
        get_tool_input_schema=lambda _: None,
        on_list_tools=answers.list_tools,
        on_call_tool=answers.call_tool,
        on_subscriptions_listen=listening,
    )
    # The library's own: it traces each message, for whom nobody has set anything up here.
    server.middleware.clear()
    return server, listening


class Answers:
    """Answers what clients ask, by the rights of each."""

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._services = services
        self._tools = Tools()
        self._runs = Runs(
            Repeats(settings.mcp_repeat_seconds),
            wait_seconds=settings.mcp_wait_seconds,
            repeat_seconds=settings.mcp_repeat_seconds,
        )
        self._fixed: dict[str, Handler] = {
            "list_notebooks": catalog_tools.list_notebooks,
            "describe_notebook": catalog_tools.describe_notebook,
            "run_notebook": partial(execution_tools.run_notebook, self._runs),
            "get_execution": partial(execution_tools.get_execution, self._runs),
            "get_artifact": execution_tools.get_artifact,
            "cancel_execution": partial(execution_tools.cancel_execution, self._runs),
        }

    async def list_tools(self, ctx: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        """Return what this caller may use."""
        return ListToolsResult(tools=await self._tools.of(self._visit(ctx)))

    async def call_tool(self, ctx: Context, params: CallToolRequestParams) -> CallToolResult:
        """Return what came of the call; what is wrong with it is a result, too."""
        visit, given = self._visit(ctx), params.arguments or {}
        try:
            arguments.demand_json(given)
            handler = self._fixed.get(params.name)
            if handler is not None:
                return await handler(visit, given)
            fresh = (params.meta or {}).get(FRESH) is True
            return await self._run(visit, params.name, given, fresh=fresh)
        except PodbookError as error:
            problem = problem_of(error)
            if problem.status >= 500:  # noqa: PLR2004
                _log.warning("tool %s: %s", params.name[:100], error)
            return results.refused(problem)
        except Exception:
            _log.exception("tool %s", params.name[:100])
            title = "Podbook failed; its log says where"
            return results.refused(Problem(500, "internal-error", title))

    async def _run(
        self, visit: Visit, name: str, given: dict[str, Any], *, fresh: bool
    ) -> CallToolResult:
        await visit.need(RUN)
        known = visit.names()
        if name not in known:
            if await visit.may(LIST_NOTEBOOKS):
                raise _unknown(name, [*NAMES, *known])
            # Not even whether there is such a notebook is told to whom it would not be shown.
            await visit.services.submissions.executing.one(visit.caller, name)
            raise _unknown(name, [*NAMES])
        entry = await visit.to_run(known[name])
        ran = await self._runs.run(visit, Asked(entry.notebook.id, given, fresh=fresh))
        return await results.of_run(visit, ran.watched, reused=ran.age)

    def _visit(self, ctx: Context) -> Visit:
        if ctx.request is None:
            raise RuntimeError("served over something else than HTTP")
        return Visit.of(self._services, ctx.request, NAMES, ctx.session.report_progress)


def _unknown(name: str, known: list[str]) -> Problem:
    near = difflib.get_close_matches(name[:60], known, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    detail = f"no tool is called {name[:100]!r}{meant}; list_notebooks shows what there is"
    return Problem(404, "unknown-notebook", "No such tool", detail)
