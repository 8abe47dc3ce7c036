"""Writing a notebook: `contract`."""

import typer

from podbook_cli.options import NotebookName, targeted
from podbook_cli.servers.target import Target

commands = typer.Typer()


@commands.command(rich_help_panel="Write")
@targeted
def contract(notebook: NotebookName, *, target: Target) -> None:
    """Print a notebook's contract as the config file to keep beside it."""
    from podbook_cli.writing.contract import show_contract

    show_contract(notebook, target)
