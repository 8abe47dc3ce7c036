"""The command line as a whole: every group of commands, and what holds for all of them."""

import sys
from io import StringIO, TextIOWrapper
from typing import Annotated

import typer

from podbook_cli.commands import catalog, change, context, look, old, run, serve, ship, warm, write
from podbook_cli.commands.told import Group
from podbook_cli.printing.closed_pipes import let_readers_leave

app = typer.Typer(
    name="podbook",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
# In the order in which `podbook --help` shows them.
for group in (serve, write, look, run, change, ship, catalog):
    app.add_typer(group.commands)
app.add_typer(context.commands, name="context", rich_help_panel="Serve")
app.add_typer(warm.commands, name="warm", rich_help_panel="Look")
app.add_typer(old.worker, name="worker", rich_help_panel="Older")


def main() -> None:
    """Run the command line."""
    # Closed by who called: what is printed is not wanted.
    sys.stdout = sys.stdout or StringIO()
    sys.stderr = sys.stderr or StringIO()
    let_readers_leave()
    if isinstance(sys.stdout, TextIOWrapper):
        # A notebook prints what it likes; what this terminal cannot show is no fault.
        sys.stdout.reconfigure(errors="backslashreplace")
    # However it was started: completion, and what a usage shows, go by this name.
    app(prog_name="podbook")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"podbook {version('podbook')}\n")
        raise typer.Exit


@app.callback(
    cls=Group,
    epilog="Examples:  \n`podbook up notebooks`  \n`podbook run analysis -p customer=microsoft`"
    "  \n`podbook show @last`",
)
def podbook(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Any notebook, a typed API; every run, its own pod."""
