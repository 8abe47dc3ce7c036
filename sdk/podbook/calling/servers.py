"""Which server is meant: what is said here, else what the command line would mean."""

import os
from collections.abc import Callable

from podbook.refusals import PodbookError
from podbook.save_output import OUTPUT_VARIABLE

Token = str | Callable[[], str] | None


class NoServer(PodbookError):
    """Nothing says which server is meant, or it is not running."""


def meant(url: str | None, context: str | None, token: Token) -> tuple[str, Token]:
    """Return the server's URL, and what is shown to it; raises NoServer."""
    shown = token or os.environ.get("PODBOOK_TOKEN")
    if url is not None:
        return url, shown
    if context is None and (named := os.environ.get("PODBOOK_URL")):
        return named, shown
    if os.environ.get(OUTPUT_VARIABLE):
        raise NoServer(
            "this notebook runs in a pod of Podbook, where no server can be found: give Client()"
            " the URL, or set PODBOOK_URL in the notebook's environment"
        )
    return _as_on_the_command_line(context, token)


def _as_on_the_command_line(context: str | None, token: Token) -> tuple[str, Token]:
    try:
        from podbook_cli.exits import BadInput
        from podbook_cli.exits import NoServer as NotThere
        from podbook_cli.servers.target import Target
        from podbook_cli.servers.which import resolved
    except ImportError as error:
        raise NoServer(f"give Client() a URL, or set PODBOOK_URL ({error})") from error
    own = token if isinstance(token, str) else os.environ.get("PODBOOK_TOKEN")
    try:
        target = resolved(Target(token=own), context=context, environment=os.environ)
        url = target.checked_url() or target.running_url()
    except (BadInput, NotThere) as error:
        raise NoServer(str(error)) from error
    if url is None:
        raise NoServer(
            "no `podbook up` serves this folder; start one, give Client() a URL, or set PODBOOK_URL"
        )
    return url, token if callable(token) else target.token
