"""`podbook cancel`, `keep` and `delete`: each names what it changes."""

import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

from podbook.calling.rest import Rest
from podbook_cli.looking.executions import columns_for
from podbook_cli.looking.ids import resolved
from podbook_cli.printing.formats import Columns, Format, print_rows, print_table

_DELETED: Final[Columns] = {"Deleted": lambda row: row["id"]}


def cancel_executions(client: Rest, texts: list[str], shape: Format | None) -> None:
    """Cancel every one; print the phase of each, or each as it stands then."""
    found = _each(client, texts, lambda name: client.cancel(name).view)
    _print(found, "phase", shape)


def keep_executions(client: Rest, texts: list[str], shape: Format | None, *, keep: bool) -> None:
    """Keep every one, or no longer; print the id of each, or each as it stands then."""
    found = _each(client, texts, lambda name: client.keep(name, keep=keep).view)
    _print(found, "id", shape)


def delete_executions(client: Rest, texts: list[str], shape: Format | None) -> None:
    """Delete every one, after saying where; print the id of each."""

    def delete(name: str) -> dict[str, Any]:
        client.delete(name)
        return {"id": name}

    found = _each(client, texts, delete)
    sys.stderr.write(f"On {client.url}\n")
    _print(found, "id", shape, lambda _: _DELETED)


def _each(
    client: Rest, texts: list[str], change: Callable[[str], dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    # All are found before the first is touched: a mistyped one stops nothing halfway.
    names = [resolved(client, text) for text in texts]
    return (change(name) for name in names)


def _print(
    found: Iterable[dict[str, Any]],
    field: str,
    shape: Format | None,
    columns: Callable[[list[dict[str, Any]]], Columns] = columns_for,
) -> None:
    if shape is None:
        # As each is done: what fails after it takes back nothing.
        for row in found:
            sys.stdout.write(f"{row[field]}\n")
    elif shape is Format.TABLE:
        rows = list(found)
        print_table(rows, columns(rows))
    else:
        print_rows(found, shape, columns={}, fields=())
