"""Shows what a notebook was, and makes it that again."""

import sys
from typing import TYPE_CHECKING, Any, Final

from podbook_cli.exits import BadInput
from podbook_cli.printing.formats import Format, is_for_programs, print_rows, print_value
from podbook_cli.printing.times import local
from podbook_cli.shipping.reading import catalog_server

if TYPE_CHECKING:
    from podbook_catalog.pushing.rest import CatalogServer
    from podbook_cli.servers.target import Target

_FIELDS: Final = ("number", "digest", "pushedAt", "pushedBy", "verdict", "rollbackOf", "current")


def show_versions(notebook: str, target: "Target", shape: Format | None) -> None:
    """Print the versions of a notebook, the newest first."""
    with catalog_server(target) as server:
        found = _versions(server, notebook)
    if not found["items"]:
        sys.stderr.write(f"{notebook} was never pushed: it is managed by {found['managedBy']}\n")
        if shape is None:
            return
    print_rows(found["items"], shape, columns=_COLUMNS, fields=_FIELDS)


def roll_back(notebook: str, wanted: str | None, target: "Target", shape: Format | None) -> None:
    """Make the notebook what it was in a version; by default in the one before."""
    with catalog_server(target) as server:
        found = _versions(server, notebook)
        version = _meant(found, wanted)
        told = sys.stderr if is_for_programs(shape) else sys.stdout
        told.write(f"{server.url}: {notebook} back to version {version['number']}\n")
        body = {"catalog": found["catalog"] or "none", "rollbackTo": version["number"]}
        answer = server.put(notebook, body, known=found["digest"], dry_run=False)
    if is_for_programs(shape):
        print_value(answer, shape)
        return
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


def _commit(version: dict[str, Any]) -> str:
    source = version.get("source") or {}
    return str(source.get("commit") or "")[:12] + ("+" if source.get("dirty") else "")


def _notes(version: dict[str, Any]) -> str:
    notes = [
        "current" if version["current"] else "",
        "" if version["available"] else "gone",
        f"back to {version['rollbackOf']}" if version.get("rollbackOf") else "",
        version.get("verdict") or "",
    ]
    return ", ".join(note for note in notes if note)


_COLUMNS: Final = {
    "Version": lambda version: str(version["number"]),
    "Digest": lambda version: version["digest"][:15],
    "Pushed": lambda version: local(version["pushedAt"]),
    "By": lambda version: version.get("pushedBy") or "-",
    "Commit": _commit,
    "": _notes,
}
