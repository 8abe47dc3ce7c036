"""Looking at what a server holds: `list`, `get`, `logs`."""

from typing import Annotated

import typer

from podbook_cli.options import ExecutionId, targeted
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Look"


@commands.command("list", rich_help_panel=_PANEL)
@targeted
def list_executions(
    *,
    notebook: Annotated[str | None, typer.Option(help="Only runs of this notebook.")] = None,
    phase: Annotated[str | None, typer.Option(help="Only runs in this phase.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    target: Target,
) -> None:
    """List executions, the newest first."""
    from podbook_cli.looking.show import show_list

    with target.client() as client:
        show_list(client, notebook=notebook, phase=phase, limit=limit, as_json=json_lines)


@commands.command(rich_help_panel=_PANEL)
@targeted
def get(execution: ExecutionId, *, target: Target) -> None:
    """Show an execution as JSON."""
    from podbook_cli.looking.show import show_execution

    with target.client() as client:
        show_execution(client, execution)


@commands.command(rich_help_panel=_PANEL)
@targeted
def logs(
    execution: ExecutionId,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")
    ] = False,
    target: Target,
) -> None:
    """Print what the cells of an execution printed."""
    from podbook_cli.looking.followed_logs import follow_logs
    from podbook_cli.looking.show import show_logs

    with target.client() as client:
        follow_logs(client, execution) if follow else show_logs(client, execution)
