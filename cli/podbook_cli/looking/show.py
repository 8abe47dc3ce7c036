"""Shows executions: stable, plain text and JSON for pipes, a table for people."""

import json
import sys
from itertools import islice
from typing import Any

from podbook.client import ApiError, Podbook
from podbook_cli.printing.printed_json import print_json

_COLUMNS = ("id", "notebook", "phase", "reason", "createdAt")
_HEADINGS = ("Id", "Notebook", "Phase", "Reason", "Created")


def show_list(
    client: Podbook, *, notebook: str | None, phase: str | None, limit: int, as_json: bool
) -> None:
    """Print executions, the newest first."""
    rows = list(islice(client.executions(notebook=notebook, phase=phase), limit))
    if as_json:
        for row in rows:
            print_json(row)
    elif sys.stdout.isatty():
        _table(rows)
    else:
        # Tab-separated, no heading: for cut and awk.
        for row in rows:
            sys.stdout.write("\t".join(str(row.get(c) or "-") for c in _COLUMNS) + "\n")


def show_execution(client: Podbook, execution: str) -> None:
    """Print the whole of an execution as JSON."""
    print_json(client.get(execution).view, indent=2)


def show_logs(client: Podbook, execution: str) -> None:
    """Print what the cells printed, then the whole traceback where one raised."""
    view = client.get(execution).view
    names = {artifact["name"] for artifact in view["artifacts"]}
    if "notebook.ipynb" in names:
        notebook = json.loads(client.artifact(execution, "notebook.ipynb"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                _print_stream(output)
    if "exception.txt" in names:
        sys.stderr.write(_text(client, execution, "exception.txt"))


def _print_stream(output: dict[str, Any]) -> None:
    if output.get("output_type") == "stream":
        stream = sys.stderr if output.get("name") == "stderr" else sys.stdout
        stream.write("".join(output.get("text", "")))


def _text(client: Podbook, execution: str, name: str) -> str:
    try:
        return client.artifact(execution, name).decode(errors="replace")
    except ApiError as error:
        return f"{error}\n"


def _table(rows: list[dict[str, Any]]) -> None:
    """Print columns under headings; what is wider than the terminal is wrapped, never cut."""
    lines = [list(_HEADINGS)]
    lines += [[str(row.get(column) or "-") for column in _COLUMNS] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
