"""What becomes of runs that exist: `cancel`, `keep`, `delete`."""

from typing import Annotated

import typer

from podbook_cli.commands.told import told
from podbook_cli.options import ExecutionIds, targeted
from podbook_cli.printing.formats import FormatOption
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Run"


@commands.command(**told(_PANEL, "podbook cancel @last"))
@targeted
def cancel(executions: ExecutionIds, *, shape: FormatOption = None, target: Target) -> None:
    """Cancel runs; what they have so far is saved."""
    from podbook_cli.running.endings import cancel_executions

    with target.client() as client:
        cancel_executions(client, executions, shape)


@commands.command(**told(_PANEL, "podbook keep @last:analysis"))
@targeted
def keep(
    executions: ExecutionIds,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let their time come again.")] = False,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """Keep runs and their files beyond the time after which they are deleted."""
    from podbook_cli.running.endings import keep_executions

    with target.client() as client:
        keep_executions(client, executions, shape, keep=not undo)


@commands.command(**told(_PANEL, "podbook delete 3f2a91c4 8d01aa7e"))
@targeted
def delete(executions: ExecutionIds, *, shape: FormatOption = None, target: Target) -> None:
    """Delete runs and the files that they left; one that still runs is ended."""
    from podbook_cli.running.endings import delete_executions

    with target.client() as client:
        delete_executions(client, executions, shape)
