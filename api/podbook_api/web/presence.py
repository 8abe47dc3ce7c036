"""Whether what an address of a page names is there: told to whoever may read it, nobody else."""

from collections.abc import Awaitable, Callable
from itertools import islice

from fastapi import Request

from podbook_api.auth.caller import visitor_of
from podbook_api.auth.rbac import Access
from podbook_api.http.problems import Problem
from podbook_api.state.execution_index import ExecutionIndex
from podbook_api.state.executions import Executions
from podbook_api.state.notebooks import Notebooks
from podbook_api.state.submission_order import Kind
from podbook_crds import names
from podbook_crds.errors import PodbookError, UnknownExecution, UnknownNotebook

# Returns what is wrong, or None where the page has something to show, or that is not known.
Look = Callable[[Request, str], Awaitable[PodbookError | None]]
# As the page has it: a shorter beginning of an id is none.
_SHORTEST_BEGINNING = 4


class Presence:
    """Looks for executions and notebooks as the pages will."""

    def __init__(self, executions: Executions, index: ExecutionIndex, notebooks: Notebooks) -> None:
        self._executions = executions
        self._index = index
        self._notebooks = notebooks

    async def execution(self, request: Request, name: str) -> PodbookError | None:
        """Look for an execution, or for the one whose id begins so."""
        if not await _may(request, Access("get", names.EXECUTION_PLURAL, name)):
            return None
        try:
            await self._executions.find(name)
        except UnknownExecution as error:
            return None if self._is_beginning(name) else error
        except PodbookError:
            pass
        return None

    async def notebook(self, request: Request, notebook_id: str) -> PodbookError | None:
        """Look for a notebook."""
        if not await _may(request, Access("get", names.NOTEBOOK_PLURAL, notebook_id)):
            return None
        try:
            await self._notebooks.find(notebook_id)
        except UnknownNotebook as error:
            return error
        except PodbookError:
            pass
        return None

    def _is_beginning(self, name: str) -> bool:
        if len(name) < _SHORTEST_BEGINNING:
            return False
        lines = self._index.lines(Kind(None, None), before=None)
        found = (line for line in lines if line.name.startswith(name))
        return len(list(islice(found, 2))) == 1


async def _may(request: Request, access: Access) -> bool:
    try:
        return await visitor_of(request).may(access)
    except Problem:
        return False  # Nobody knows who it is: the page asks.
