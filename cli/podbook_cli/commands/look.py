"""Looking at what a server holds: `notebooks`, `list`, `show`, `logs` and their like."""

from pathlib import Path
from typing import Annotated

import typer

from podbook_cli import completion
from podbook_cli.commands.told import told
from podbook_cli.options import LookedAt, targeted
from podbook_cli.printing.formats import Format, FormatOption, JsonOption
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Look"


@commands.command(**told(_PANEL, "podbook notebooks sales", "podbook notebooks --format json"))
@targeted
def notebooks(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="Words of its id, title or description.")
    ] = "",
    *,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """List the notebooks that can be run, with what goes in and what comes out."""
    from podbook_cli.looking.notebooks import show_notebooks

    with target.client() as client:
        show_notebooks(client, query, shape)


@commands.command(**told(_PANEL, "podbook describe analysis"))
@targeted
def describe(
    notebook: Annotated[
        str,
        typer.Argument(metavar="NOTEBOOK", help="Its id.", autocompletion=completion.notebooks),
    ],
    *,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """Tell a notebook's parameters and output in words, how to call it, and its last runs."""
    from podbook_cli.looking.notebooks import describe as describe_notebook

    with target.client() as client:
        describe_notebook(client, notebook, shape)


@commands.command(
    "list",
    **told(
        _PANEL, "podbook list --phase failed --since 2h", "podbook list --notebook analysis --watch"
    ),
)
@targeted
def list_executions(
    *,
    notebook: Annotated[
        str | None,
        typer.Option(
            metavar="NOTEBOOK",
            help="Only runs of this notebook.",
            autocompletion=completion.notebooks,
        ),
    ] = None,
    phase: Annotated[
        str | None, typer.Option(metavar="PHASE", help="Only runs in this phase, such as failed.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Only runs for this reason, such as NotebookRaised."),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only runs that you asked for.")] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Only runs created since: 30m, 2h, 7d, or a date."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 20,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing changes.")] = False,
    json_lines: Annotated[bool, typer.Option("--json", hidden=True)] = False,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """List runs, the newest first.

    In a pipe: id, notebook, phase, reason and time of creation, with tabs between and no heading.
    """
    from podbook_cli.looking.executions import show_list, wanted
    from podbook_cli.looking.watched import watch_list

    asked = wanted(notebook, phase, reason, since=since, mine=mine, limit=limit)
    shape = Format.JSONL if json_lines else shape
    with target.client() as client:
        watch_list(client, asked, shape) if watch else show_list(client, asked, shape)


@commands.command(**told(_PANEL, "podbook show", "podbook show @last:analysis"))
@targeted
def show(execution: LookedAt = "@last", *, shape: FormatOption = None, target: Target) -> None:
    """Tell what became of a run, for people: why, what went in, what came out."""
    from podbook_cli.looking.ids import resolved
    from podbook_cli.looking.one_execution import show_execution

    with target.client() as client:
        show_execution(client, resolved(client, execution), shape)


@commands.command(**told(_PANEL, "podbook get @failed --format yaml"))
@targeted
def get(
    execution: LookedAt = "@last",
    *,
    shape: JsonOption = Format.JSON,
    target: Target,
) -> None:
    """Print all that is known of a run, as JSON."""
    from podbook_cli.looking.ids import resolved
    from podbook_cli.printing.formats import print_value

    with target.client() as client:
        view = client.get(resolved(client, execution)).view
        print_value(view, shape)


@commands.command(**told(_PANEL, "podbook logs --follow", "podbook logs @last:analysis"))
@targeted
def logs(
    execution: LookedAt = "@last",
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")
    ] = False,
    target: Target,
) -> None:
    """Print what the cells of a run printed."""
    from podbook_cli.looking.followed_logs import follow_logs
    from podbook_cli.looking.ids import resolved
    from podbook_cli.looking.logs import show_logs

    with target.client() as client:
        name = resolved(client, execution)
        follow_logs(client, name) if follow else show_logs(client, name)


@commands.command(**told(_PANEL, "podbook artifacts @last '*.csv' --download results"))
@targeted
def artifacts(
    execution: LookedAt = "@last",
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="Which, such as '*.csv'. Default: all."),
    ] = None,
    *,
    download: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save them in this folder.")
    ] = None,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """List the files that a run left, or save them here."""
    from podbook_cli.looking.artifacts import show_artifacts
    from podbook_cli.looking.ids import resolved

    with target.client() as client:
        show_artifacts(client, resolved(client, execution), names or [], shape, download)


@commands.command("open", **told(_PANEL, "podbook open analysis"))
@targeted
def open_page(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="ID|NOTEBOOK",
            help="A run or a notebook. Default: the first page.",
            autocompletion=completion.pages,
        ),
    ] = None,
    *,
    target: Target,
) -> None:
    """Print the address of a page and show it in a browser; in a pipe only print it."""
    from podbook_cli.looking import pages

    with target.client() as client:
        pages.show_page(pages.address_of(client, what))
