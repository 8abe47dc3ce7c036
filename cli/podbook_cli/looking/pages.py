"""Where the pages are: of a server, a notebook, an execution."""

import sys
from typing import Any
from urllib.parse import quote, urljoin

from podbook.calling.rest import ApiError, Rest
from podbook_cli.exits import BadInput
from podbook_cli.looking.ids import resolved

_NOT_FOUND = 404


def page_of(client: Rest, view: dict[str, Any]) -> str:
    """Return the address of an execution's page."""
    # What the server says is a path, below what a proxy put before it.
    path = str(view["links"].get("page") or f"/executions/{quote(view['id'], safe='')}")
    return urljoin(client.url, path)


def address_of(client: Rest, what: str | None) -> str:
    """Return the page of a notebook or an execution, else the first page of the server."""
    if what is None:
        return client.url.rstrip("/") + "/"
    if not what.startswith("@"):
        try:
            found = client.notebook(what)
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise
        else:
            return f"{client.url.rstrip('/')}/notebooks/{quote(found['id'])}"
    try:
        return page_of(client, client.get(resolved(client, what)).view)
    except ApiError as error:
        if error.status != _NOT_FOUND:
            raise
        raise BadInput(f"{what}: no notebook has this id, and no run an id like it") from error


def show_page(address: str) -> None:
    """Print an address, and open it where somebody sits at a terminal."""
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    if sys.stdout.isatty():
        open_page(address)


def open_page(address: str) -> None:
    """Show a page in a browser, where there is one; the address is the caller's to print."""
    import webbrowser

    webbrowser.open(address)
