"""Shows what a notebook was, and makes it that again."""

import sys
from typing import TYPE_CHECKING, Any

from podbook_cli.exits import BadInput
from podbook_cli.shipping.reading import catalog_server

if TYPE_CHECKING:
    from podbook_catalog.pushing.rest import CatalogServer
    from podbook_cli.printing.formats import Format
    from podbook_cli.servers.target import Target


def show_versions(notebook: str, target: "Target", shape: "Format | None") -> None:
    """Print the versions of a notebook, the newest first."""
    from podbook_cli.printing.formats import Format, print_rows

    with catalog_server(target) as server:
        found = _versions(server, notebook)
    if shape not in (None, Format.TABLE):
        print_rows(found["items"], shape, columns={}, fields=())
        return
    if not found["items"]:
        sys.stdout.write(f"{notebook} was never pushed: it is managed by {found['managedBy']}\n")
    for version in found["items"]:
        sys.stdout.write(f"{_line(version)}\n")


def roll_back(notebook: str, wanted: str | None, target: "Target") -> None:
    """Make the notebook what it was in a version; by default in the one before."""
    with catalog_server(target) as server:
        found = _versions(server, notebook)
        version = _meant(found, wanted)
        sys.stdout.write(f"{server.url}: {notebook} back to version {version['number']}\n")
        body = {"catalog": found["catalog"] or "none", "rollbackTo": version["number"]}
        answer = server.put(notebook, body, known=found["digest"], dry_run=False)
    sys.stdout.write(f"{answer['digest']}  version {answer['version']}\n")


def _versions(server: "CatalogServer", notebook: str) -> dict[str, Any]:
    found = server.versions(notebook)
    if found is None:
        raise BadInput(f"no notebook has the id {notebook!r} at {server.url}")
    return found


def _meant(found: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    items: list[dict[str, Any]] = found["items"]
    if wanted is None:
        before = [item for item in items if item["digest"] != found["digest"]]
        if not before:
            raise BadInput(f"{found['id']} has no version before this one")
        return before[0]
    for item in items:
        if wanted in (str(item["number"]), item["digest"]):
            return item
    known = ", ".join(str(item["number"]) for item in items) or "none"
    raise BadInput(f"{found['id']} has no version {wanted}; there are: {known}")


def _line(version: dict[str, Any]) -> str:
    source = version.get("source") or {}
    commit = str(source.get("commit") or "")[:12] + ("+" if source.get("dirty") else "")
    notes = [
        "current" if version["current"] else "",
        "" if version["available"] else "gone",
        f"back to {version['rollbackOf']}" if version.get("rollbackOf") else "",
        version.get("verdict") or "",
    ]
    cells = (
        f"{version['number']:>4}",
        version["digest"][:19],
        version["pushedAt"][:19].replace("T", " "),
        f"{version.get('pushedBy') or '':<20}",
        f"{commit:<13}",
        " ".join(note for note in notes if note),
    )
    return "  ".join(cells).rstrip()
