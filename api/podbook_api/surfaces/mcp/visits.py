"""One client's request, as the tools see it: who asks, what they may, and what they see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from podbook_api.auth.caller import Visitor, visitor_of
from podbook_api.auth.rbac import User
from podbook_api.auth.rights import Right
from podbook_api.http.paths import base_url
from podbook_api.state.catalog import Entry
from podbook_api.surfaces.mcp.listing import tool_names
from podbook_api.surfaces.mcp.listing.exposure import Exposed, exposed
from podbook_api.wiring import Services
from podbook_crds import names
from podbook_crds.errors import PodbookError, UnknownNotebook

# Tells the client how far it is: what is done, of how much, and a sentence.
Tell = Callable[[float, float | None, str], Awaitable[None]]

LIST_NOTEBOOKS = Right("list", names.NOTEBOOK_PLURAL)
GET_NOTEBOOK = Right("get", names.NOTEBOOK_PLURAL)
RUN = Right("create", names.EXECUTION_PLURAL)
EXECUTE = Right(names.EXECUTE_VERB, names.NOTEBOOK_PLURAL)
GET_EXECUTION = Right("get", names.EXECUTION_PLURAL)
CANCEL = Right("update", names.EXECUTION_PLURAL)


@dataclass(frozen=True)
class Visit:
    """What one request may do and see; the rights are the caller's own, as on every surface."""

    services: Services
    visitor: Visitor
    base_url: str
    patterns: str
    reserved: frozenset[str]
    tell: Tell

    @classmethod
    def of(
        cls, services: Services, request: Request, reserved: frozenset[str], tell: Tell
    ) -> "Visit":
        """Return the visit that an HTTP request is."""
        return cls(
            services=services,
            visitor=visitor_of(request),
            base_url=base_url(request.scope),
            patterns=request.query_params.get("notebooks", ""),
            reserved=reserved,
            tell=tell,
        )

    @property
    def caller(self) -> User:
        """Who asks."""
        return self.visitor.known

    async def need(self, right: Right, name: str = "") -> None:
        """Return where the caller may do it; raise Problem."""
        await self.visitor.enter(right.access(name))

    async def may(self, right: Right, name: str = "") -> bool:
        """Whether the caller may do it."""
        return await self.visitor.may(right.access(name))

    def exposed(self) -> Exposed:
        """Return the notebooks that are there for this client."""
        services = self.services
        return exposed(services.catalog.entries(), self.patterns, limit=services.settings.mcp_tools)

    def names(self) -> dict[str, str]:
        """Return notebook ids by the names of tools: the same for every client."""
        ids = [entry.notebook.id for entry in self.services.catalog.entries()]
        return tool_names.named(ids, self.reserved)

    async def may_execute(self, entries: list[Entry]) -> list[Entry]:
        """Return those of the notebooks that the caller may execute."""
        if await self.may(EXECUTE):
            return entries
        return [each for each in entries if await self.may(EXECUTE, each.notebook.id)]

    async def to_run(self, notebook_id: str) -> Entry:
        """Return a notebook that the caller may run; who may not learns nothing else of it."""
        await self.need(RUN)
        executing = self.services.submissions.executing
        try:
            entry = await self.notebook(notebook_id)
        except PodbookError:
            await executing.one(self.caller, notebook_id)
            raise
        await executing.one(self.caller, notebook_id, entry.notebook.name)
        return entry

    async def notebook(self, notebook_id: str) -> Entry:
        """Return a notebook that this client may name; raise UnknownNotebook."""
        entry = await self.services.notebooks.find(notebook_id)
        if all(each.notebook.id != notebook_id for each in self.exposed().found):
            raise UnknownNotebook(f"notebook {notebook_id[:100]!r} is not offered to agents here")
        return entry
