"""How an answer looks: for people a table, for programs JSON, YAML, or lines."""

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from podbook_cli.printing.printed_json import print_json
from podbook_cli.printing.terminal_text import plain

Json = dict[str, Any]
# The headings of a table, each with what stands below it.
Columns = Mapping[str, Callable[[Json], str]]


class Format(StrEnum):
    """The forms of an answer."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    JSONL = "jsonl"


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="Default: for people on a terminal, plain text in a pipe."),
]


def print_rows(
    rows: Iterable[Json], shape: Format | None, *, columns: Columns, fields: tuple[str, ...]
) -> None:
    """Print rows: a table on a terminal, else the fields between tabs, for cut and awk."""
    if shape is Format.JSONL:
        for row in rows:
            print_json(row)
    elif shape is not None and shape is not Format.TABLE:
        print_value(list(rows), shape)
    elif shape is Format.TABLE or sys.stdout.isatty():
        print_table(list(rows), columns)
    else:
        for row in rows:
            print_fields(row, fields)


def print_fields(row: Json, fields: tuple[str, ...]) -> None:
    """Print one row without a heading; no value can break the line or leave its column."""
    values = (_field(row.get(field)) for field in fields)
    sys.stdout.write("\t".join(" ".join(plain(value).split()) for value in values) + "\n")


def _field(value: Any) -> str:
    """None of something is a number, not a gap."""
    return "0" if value == 0 and value is not False else str(value or "-")


def print_value(value: Any, shape: Format) -> None:
    """Print one value as JSON or YAML."""
    if shape is Format.YAML:
        import yaml

        sys.stdout.write(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))
    else:
        print_json(value, indent=None if shape is Format.JSONL else 2)


def print_table(rows: list[Json], columns: Columns) -> None:
    """Print columns under headings; what is wider than the terminal is wrapped, never cut."""
    lines = [list(columns)]
    lines += [[_cell(of(row)) for of in columns.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _cell(text: str) -> str:
    return " ".join(plain(text).split()) or "-"
