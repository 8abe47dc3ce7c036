"""`podbook list --watch`: the list, and how it changes, until Ctrl-C."""

import sys
import time
from typing import Any, Final

from podbook.calling.rest import Rest
from podbook_cli.looking.executions import FIELDS, Wanted, columns_for
from podbook_cli.printing.formats import Format, print_fields, print_rows
from podbook_cli.printing.printed_json import print_json

# A burst of changes is shown as one.
_PAUSE_SECONDS: Final = 0.5


def watch_list(client: Rest, asked: Wanted, shape: Format | None) -> None:
    """Show the list: on a terminal kept up to date, in a pipe a line for each change."""
    if shape in (None, Format.TABLE) and sys.stdout.isatty():
        _on_terminal(client, asked)
    else:
        _in_pipe(client, asked, shape)


def _in_pipe(client: Rest, asked: Wanted, shape: Format | None) -> None:
    """Print each row as it is, and again in every phase that it gets to."""
    printed: dict[str, str] = {}
    for change in client.changes(notebook=asked.notebook):
        if change is not None and change["phase"] == printed.get(change["execution"]):
            continue
        # Read anew at each change: a change that is told is in the list by then.
        for row in reversed(asked.rows(client)):
            if printed.get(row["id"]) != row["phase"]:
                printed[row["id"]] = row["phase"]
                _print(row, shape)
        sys.stdout.flush()


def _print(row: dict[str, Any], shape: Format | None) -> None:
    if shape in (Format.JSON, Format.JSONL):
        print_json(row)
    elif shape is Format.YAML:
        sys.stdout.write("---\n")
        print_rows([row], shape, columns={}, fields=())
    else:
        print_fields(row, FIELDS)


def _on_terminal(client: Rest, asked: Wanted) -> None:
    from rich.live import Live
    from rich.table import Table

    with Live(auto_refresh=False) as live:
        shown_at = 0.0
        for _ in client.changes(notebook=asked.notebook):
            time.sleep(max(0.0, shown_at + _PAUSE_SECONDS - time.monotonic()))
            rows = asked.rows(client)
            columns = columns_for(rows)
            table = Table(*columns, box=None, pad_edge=False, header_style="bold")
            for row in rows:
                table.add_row(*(of(row) for of in columns.values()))
            live.update(table, refresh=True)
            shown_at = time.monotonic()
