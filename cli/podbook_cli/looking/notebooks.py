"""`podbook notebooks` and `describe`: what can be run, and how; `warm`: what waits for it."""

import sys
from itertools import islice
from typing import Any, Final

from podbook.calling.rest import Rest
from podbook_cli.looking.executions import columns_for
from podbook_cli.printing.formats import Format, print_rows, print_table, print_value
from podbook_cli.printing.terminal_text import first_line, plain
from podbook_cli.printing.times import age

_FIELDS: Final = ("id", "contract", "ready", "managedBy")
_WAITING: Final = ("id", "ready", "coming", "min", "max", "level", "problem")
_LAST_RUNS: Final = 5
_WIDTH: Final = 40


def show_notebooks(client: Rest, query: str, shape: Format | None) -> None:
    """Print the catalog, or the part of it in which every word of the query stands."""
    rows = client.search(query)
    columns = {
        "Notebook": lambda row: row["id"],
        "Contract": lambda row: first_line(row["problem"] or row["contract"], _WIDTH),
        "Last run": _last,
    }
    if any(row.get("managedBy") != "up" for row in rows):
        # On a laptop the folder keeps them all: nobody has to be told.
        columns["Kept by"] = lambda row: row.get("managedBy") or "-"
    print_rows(rows, shape, columns=columns, fields=_FIELDS)


def _last(row: dict[str, Any]) -> str:
    last = row.get("lastExecution")
    return f"{last['phase']}, {age(last['createdAt'])} ago" if last else "-"


def show_waiting(client: Rest, shape: Format | None) -> None:
    """Print the notebooks that keep pods for calls, with how many there are."""
    columns = {
        "Notebook": lambda row: row["id"],
        "Ready": lambda row: str(row["ready"]),
        "Coming": lambda row: str(row["coming"]),
        "Kept": lambda row: f"{row['min']} to {row['max']}",
        "Level": lambda row: row["level"],
        "Problem": lambda row: first_line(row["problem"] or "", _WIDTH),
    }
    rows = [{"id": row["id"], **row["warm"]} for row in client.search() if row.get("warm")]
    print_rows(rows, shape, columns=columns, fields=_WAITING)


def flush(client: Rest, notebooks: list[str]) -> None:
    """Have the pods that wait for each made anew; print its id."""
    for notebook in notebooks:
        sys.stdout.write(f"{plain(client.flush(notebook)['id'])}\n")


def describe(client: Rest, notebook: str, shape: Format | None) -> None:
    """Print a notebook's contract in words, how it is called, and its last runs."""
    view = client.notebook(notebook)
    if shape not in (None, Format.TABLE):
        print_value(view, shape)
        return
    for line in _described(view, client.url.rstrip("/")):
        sys.stdout.write(f"{plain(line)}\n")
    if waits := view.get("warm"):
        sys.stdout.write(f"\n{plain(_warm(waits))}\n")
    rows = list(islice(client.executions(notebook=view["id"], page=_LAST_RUNS), _LAST_RUNS))
    if rows:
        sys.stdout.write("\nLast runs\n")
        print_table(rows, columns_for(rows))


def _described(view: dict[str, Any], url: str) -> list[str]:
    title = view.get("title")
    lines = [view["id"] if not title or title == view["id"] else f"{view['id']}: {title}"]
    lines += [view["description"]] if view.get("description") else []
    lines += [f"cannot be run: {view['problem']}"] if view["problem"] else []
    resolved = view.get("resolved") or {}
    asked = resolved.get("input") or view.get("input")
    lines += ["", "Parameters", *(parameters(asked) or ["  none that are known"])]
    if saved := resolved.get("output") or view.get("output"):
        lines += ["", "Output", *(parameters(saved) or [f"  {saved.get('type', 'anything')}"])]
    given = "".join(f" -p {name}=…" for name in (asked or {}).get("required") or [])
    path = f"{url}/v1/notebooks/{view['id']}/executions?wait=60"
    lines += ["", "Call it", f"  podbook run {view['id']}{given}"]
    return [*lines, f"  curl -X POST {path} -H 'Content-Type: application/json' -d '{{…}}'"]


def _warm(waits: dict[str, Any]) -> str:
    """Return one line: how many pods wait for calls, and why fewer do than are wanted."""
    coming = f", {waits['coming']} coming" if waits["coming"] else ""
    why = f": {waits['problem']}" if waits["problem"] else ""
    return f"Warm: {waits['ready']} ready{coming}{why}"


def parameters(schema: dict[str, Any] | None) -> list[str]:
    """Return a line for each member of an object: name, type, what it is if left out, meaning."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return []
    required = set(schema.get("required") or [])
    rows = [_member(n, s, n in required) for n, s in schema["properties"].items()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1, 2)] if rows else []
    lined = (
        "  ".join(text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True))
        for row in rows
    )
    return [f"  {line}".rstrip() for line in lined]


def _member(name: str, schema: Any, is_required: bool) -> tuple[str, str, str, str]:
    schema = schema if isinstance(schema, dict) else {}
    default = first_line(str(schema["default"]), _WIDTH) if "default" in schema else ""
    if_left_out = "required" if is_required else f"default {default}" if default else "optional"
    meaning = first_line(str(schema.get("description") or ""), _WIDTH)
    return name, _type(schema), if_left_out, meaning


def _type(schema: dict[str, Any]) -> str:
    if isinstance(choices := schema.get("enum"), list):
        return first_line(" | ".join(map(str, choices)), _WIDTH)
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(map(str, kind))
    parts = schema.get("anyOf") or schema.get("oneOf") or []
    if not kind and parts:
        return " | ".join(dict.fromkeys(_type(p) for p in parts if isinstance(p, dict)))
    return str(schema.get("format") or kind or "anything")
