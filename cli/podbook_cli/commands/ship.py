"""From a folder to a server: `check`, `test`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.exits import explained

commands = typer.Typer()
_PANEL = "Ship"

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of notebooks.")]
Python = Annotated[
    Path | None, typer.Option(help="The Python that runs the kernels, and reads shared models.")
]


class Format(StrEnum):
    """How mistakes are printed."""

    TABLE = "table"
    JSON = "json"


@commands.command(rich_help_panel=_PANEL)
def check(
    folder: Folder = Path(),
    *,
    python: Python = None,
    shown: Annotated[Format, typer.Option("--format", help="How it is printed.")] = Format.TABLE,
) -> None:
    """Say what is wrong in a folder: file, place, and what to do. Starts nothing, needs no server.

    Exit codes: 0 all can run, 1 something cannot, 2 bad input.
    """
    from podbook_cli.shipping.check import check as check_folder

    with explained():
        code = check_folder(folder, python=python, as_json=shown is Format.JSON)
    raise typer.Exit(code)
