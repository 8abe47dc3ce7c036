"""What becomes of a run that exists: `cancel`."""

import sys

import typer

from podbook_cli.options import ExecutionId, targeted
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Run"


@commands.command(rich_help_panel=_PANEL)
@targeted
def cancel(execution: ExecutionId, *, target: Target) -> None:
    """Cancel an execution; what it has so far is saved."""
    with target.client() as client:
        sys.stdout.write(f"{client.cancel(execution).phase}\n")
