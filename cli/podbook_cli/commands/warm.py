"""Pods that wait for calls: `warm list`, `warm flush`."""

from typing import Annotated

import typer

from podbook_cli import completion
from podbook_cli.commands.told import Group, told
from podbook_cli.options import targeted
from podbook_cli.printing.formats import FormatOption
from podbook_cli.servers.target import Target

commands = typer.Typer(
    cls=Group,
    epilog="Example:  \n`podbook warm list`",
    help="Say which pods wait for calls, and have them made anew.",
    no_args_is_help=True,
)

Kept = Annotated[
    list[str],
    typer.Argument(metavar="NOTEBOOK...", help="Its id.", autocompletion=completion.notebooks),
]


@commands.command("list", **told(None, "podbook warm list"))
@targeted
def list_waiting(*, shape: FormatOption = None, target: Target) -> None:
    """List the notebooks that keep pods: how many are ready, and why fewer wait than are wanted."""
    from podbook_cli.looking.notebooks import show_waiting

    with target.client() as client:
        show_waiting(client, shape)


@commands.command(**told(None, "podbook warm flush analysis"))
@targeted
def flush(notebooks: Kept, *, target: Target) -> None:
    """Have the pods that wait for a notebook's calls made anew, with what Secrets say now.

    Runs are left alone. A call that comes before the others are there has a pod made for it.
    """
    from podbook_cli.looking.notebooks import flush as flush_notebooks

    with target.client() as client:
        flush_notebooks(client, notebooks)
