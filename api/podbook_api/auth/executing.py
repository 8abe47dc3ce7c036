"""Whether a caller may execute what a call names: the verb `execute` on notebooks.

The cluster's admission policy asks the same of kubectl; for REST it sees the API's own account.
"""

from collections.abc import Callable
from typing import Final

from podbook_api.auth.authentication import Callers
from podbook_api.auth.rbac import Access, User
from podbook_api.http.problems import Problem
from podbook_crds import names

_FORBIDDEN: Final = 403


class Executing:
    """Asks by the notebook's name in the cluster, in which Roles are written."""

    def __init__(
        self, callers: Callers, name_of: Callable[[str, str], str], *, inline: bool
    ) -> None:
        self._callers = callers
        self._name_of = name_of
        self._inline = inline

    async def one(self, user: User, notebook_id: str, name: str | None = None) -> None:
        """Raise Problem 403 unless the user may execute the notebook; 503 where nobody can say.

        name is what the cluster calls it, where it was found. One that is not there is nobody's:
        who may execute all may be told so.
        """
        if name is None:
            name = self._name_of(names.NOTEBOOK_PLURAL, notebook_id)
        await self._ask(user, name, f"notebook {notebook_id[:200]!r}")

    async def inline(self, user: User) -> None:
        """Likewise for a notebook that comes with its call, where such are taken at all."""
        if not self._inline:
            raise Problem(
                _FORBIDDEN,
                "inline-is-off",
                "Only notebooks of the catalog run here",
                "this Podbook runs no notebook that comes with its call (runs.inline of the chart)",
            )
        await self._ask(user, "", "a notebook that comes with its call")

    async def _ask(self, user: User, name: str, shown: str) -> None:
        try:
            await self._callers.admit(user, Access(names.EXECUTE_VERB, names.NOTEBOOK_PLURAL, name))
        except Problem as problem:
            if problem.status != _FORBIDDEN:
                raise
            right = f"verb {names.EXECUTE_VERB} on {names.NOTEBOOK_PLURAL}.{names.GROUP}"
            which = f" {name!r}" if name else ", of any name"
            problem.detail = f"user {user.name!r} may not execute {shown} ({right}{which})"
            raise
