"""How an answer looks: for people a table, for programs JSON, YAML, or lines."""

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from podbook_cli.printing.printed_json import print_json
from podbook_cli.printing.terminal_text import plain

Json = dict[str, Any]
# Of a column that gives way.
_NARROWEST: Final = 8
# Of a table that gives way.
_LEAST_WIDTH: Final = 80
# The headings of a table, each with what stands below it.
Columns = Mapping[str, Callable[[Json], str]]


class Format(StrEnum):
    """The forms of an answer."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    JSONL = "jsonl"


class DiffFormat(StrEnum):
    """The forms of a comparison."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    YAML = "yaml"
    JSONL = "jsonl"


FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="How it is printed. Default: for people on a terminal, plain text in a pipe.",
    ),
]

# Of what is no table, however it is asked for.
JsonOption = Annotated[
    Format,
    typer.Option(
        "--format",
        callback=lambda shape: Format.JSON if shape is Format.TABLE else shape,
        help="How it is printed.",
    ),
]


def is_for_programs(shape: Format | None) -> bool:
    """Tell whether stdout holds nothing but what a program reads."""
    return shape not in (None, Format.TABLE)


def print_rows(
    rows: Iterable[Json], shape: Format | None, *, columns: Columns, fields: tuple[str, ...]
) -> None:
    """Print rows: a table on a terminal, else the fields between tabs, for cut and awk."""
    if shape is Format.JSONL:
        for row in rows:
            print_json(row)
    elif shape in (Format.JSON, Format.YAML):
        print_value(list(rows), shape)
    elif shape is Format.TABLE or sys.stdout.isatty():
        print_table(list(rows), columns)
    else:
        for row in rows:
            print_fields(row, fields)


def print_fields(row: Json, fields: tuple[str, ...]) -> None:
    """Print one row without a heading; no value can break the line or leave its column."""
    values = (_field(field, row.get(field)) for field in fields)
    sys.stdout.write("\t".join(" ".join(plain(value).split()) for value in values) + "\n")


def _field(name: str, value: Any) -> str:
    """What is so is named; none of something is a number, not a gap."""
    if value is True:
        return name
    return "0" if value == 0 and value is not False else str(value or "-")


def print_value(value: Any, shape: Format | None) -> None:
    """Print one value as JSON or YAML."""
    if shape is Format.YAML:
        from podbook_cli.printing.printed_yaml import yaml_text

        sys.stdout.write(yaml_text(value))
    else:
        print_json(value, indent=None if shape is Format.JSONL else 2)


def print_table(rows: list[Json], columns: Columns) -> None:
    """Print columns under headings; on a terminal as wide as that is, elsewhere nothing is cut.

    A narrow one wraps what 80 columns hold: cut further, a phase or an id could not be read.
    """
    lines = [list(columns)]
    lines += [[_cell(of(row)) for of in columns.values()] for row in rows]
    terminal = max(shutil.get_terminal_size().columns, _LEAST_WIDTH)
    width = terminal if sys.stdout.isatty() else None
    for line in laid_out(lines, width):
        sys.stdout.write(f"{line}\n")


def _cell(text: str) -> str:
    return " ".join(plain(text).split()) or "-"


def laid_out(lines: list[list[str]], width: int | None) -> list[str]:
    """Return lines of columns; where they are wider than that, the widest give way."""
    widths = [max(map(_length, column)) for column in zip(*lines, strict=True)]
    room = None if width is None else width - 2 * (len(widths) - 1)
    while room is not None and sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    rows = ([_fitted(*pair) for pair in zip(line, widths, strict=True)] for line in lines)
    return ["  ".join(row).rstrip() for row in rows]


def _fitted(text: str, width: int) -> str:
    """Return the text in a column; of one that is too long both ends, which tell it from others."""
    if _length(text) > width:
        end = (width - 1) // 2
        text = f"{_beginning(text, width - 1 - end)}…{_beginning(text[::-1], end)[::-1]}"
    return text + " " * (width - _length(text))


def _beginning(text: str, width: int) -> str:
    text = text[:width]
    while _length(text) > width:
        text = text[:-1]
    return text


def _length(text: str) -> int:
    """Return how many places of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
