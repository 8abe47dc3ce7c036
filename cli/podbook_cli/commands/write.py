"""Writing a notebook: `new`, `adopt`, `contract`."""

from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.told import told
from podbook_cli.exits import explained
from podbook_cli.options import NotebookName, targeted
from podbook_cli.printing.formats import Format, JsonOption
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Write"


@commands.command(**told(_PANEL, "podbook new reports/daily"))
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its path, such as reports/daily.")],
    *,
    times_square: Annotated[
        Path | None,
        typer.Option(
            "--from-times-square",
            metavar="DIR",
            help="Take over the notebooks of that folder, into the folder NAME.",
        ),
    ] = None,
) -> None:
    """Write a first notebook, with its contract and an example; nothing is overwritten."""
    from podbook_cli.writing.new import new as write_new

    with explained():
        code = write_new(name, times_square=times_square)
    raise typer.Exit(code)


@commands.command(**told(_PANEL, "podbook adopt analysis.ipynb"))
def adopt(
    file: Annotated[Path, typer.Argument(metavar="FILE.ipynb", help="A notebook of yours.")],
) -> None:
    """Find the cell that sets a notebook's parameters, tag it, write the config, show the diff."""
    from podbook_cli.writing.adopt import adopt as adopt_notebook

    with explained():
        code = adopt_notebook(file)
    raise typer.Exit(code)


@commands.command(**told(_PANEL, "podbook contract analysis.ipynb > analysis.config.json"))
@targeted
def contract(notebook: NotebookName, *, shape: JsonOption = Format.JSON, target: Target) -> None:
    """Print a notebook's contract as the config file to keep beside it."""
    from podbook_cli.writing.contract import show_contract

    show_contract(notebook, target, shape)
