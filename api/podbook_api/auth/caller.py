"""Who a request comes from, as the guard in front of the routes found out."""

from typing import Final

from starlette.requests import Request

ANONYMOUS: Final = "system:anonymous"
CALLER: Final = "podbook.caller"


def caller_of(request: Request) -> str:
    """Return the caller's name: a user of the cluster, or the one user of a laptop."""
    return str(request.scope.get(CALLER, ANONYMOUS))
