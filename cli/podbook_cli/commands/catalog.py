"""Shipping a folder: `diff`, `push`, `render`, `versions`, `rollback`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.told import told
from podbook_cli.exits import BadInput
from podbook_cli.options import NotebookName, targeted
from podbook_cli.printing.formats import DiffFormat, FormatOption
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Ship"
_SIDE = "A folder, the URL of a server, or `server`: the one that is named by the options."

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of notebooks.")]
Python = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The Python that reads shared models; default as for `up`."),
]


@commands.command(**told(_PANEL, "podbook diff server notebooks --context team --format markdown"))
@targeted
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_SIDE)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=_SIDE)],
    *,
    form: Annotated[
        DiffFormat, typer.Option("--format", help="How it is printed; markdown for a pull request.")
    ] = DiffFormat.TABLE,
    python: Python = None,
    target: Target,
) -> int:
    """Tell which contracts differ, and whether a caller breaks.

    Exit codes: 0 nobody breaks, 1 somebody does, 2 bad input, 3 the server gave no answer.
    """
    from podbook_cli.shipping.diff import diff as compare

    return compare(old, new, replace(target, python=python), form=form)


@commands.command(
    **told(
        _PANEL,
        "podbook push notebooks --context team --dry-run",
        "podbook push notebooks --context team --prune",
    )
)
@targeted
def push(
    folder: Folder = Path(),
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take out what the folder has no more.")
    ] = False,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="Push though callers would break.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take notebooks from other catalogs.")
    ] = False,
    shape: FormatOption = None,
    python: Python = None,
    target: Target,
) -> int:
    """Make a server's catalog what a folder is: new, changed, unchanged; removed by --prune.

    Each notebook is written whole or not at all. Exit codes: 0 everything is as the folder is, 2
    something was refused, 3 the server gave no answer.
    """
    from podbook_catalog.pushing.push import Options
    from podbook_cli.shipping.push import push as push_folder

    _demand_server(target)
    options = Options(prune=prune, take_over=take_over, dry_run=dry_run)
    return push_folder(
        folder, target, options, allow_breaking=allow_breaking, python=python, shape=shape
    )


@commands.command(
    **told(
        _PANEL,
        "podbook render notebooks | kubectl apply --server-side -f -",
        "podbook render notebooks --lock",
        "podbook render notebooks --dockerfile > Dockerfile",
    )
)
@targeted
def render(
    folder: Folder = Path(),
    *,
    dockerfile: Annotated[
        bool,
        typer.Option("--dockerfile", help="Images of what the notebooks say they need, instead."),
    ] = False,
    lock: Annotated[
        bool,
        typer.Option("--lock", help="Write podbook.lock.json into the folder instead: see below."),
    ] = False,
    python: Python = None,
    target: Target,
) -> None:
    """Print a folder as Notebook resources, for Argo CD, Flux and kubectl.

    With --url what they are made of is sent to that server; else it stands in them as text. --lock
    writes what a cluster that follows Git cannot find out without running anything: schemas of
    shared models, and locks of environments.
    """
    from podbook_cli.shipping.rendering.images import print_dockerfile
    from podbook_cli.shipping.rendering.lock import write_lock
    from podbook_cli.shipping.rendering.resources import render as print_resources

    if lock and not dockerfile:
        write_lock(folder, python=python)
        return
    if dockerfile:
        print_dockerfile(folder, python=python)
        return
    print_resources(folder, target, python=python)


@commands.command(**told(_PANEL, "podbook versions analysis --context team"))
@targeted
def versions(
    notebook: NotebookName,
    *,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """List what a notebook was, the newest first."""
    from podbook_cli.shipping.versions import show_versions

    show_versions(notebook, target, shape)


@commands.command(**told(_PANEL, "podbook rollback analysis 3 --context team"))
@targeted
def rollback(
    notebook: NotebookName,
    version: Annotated[
        str | None, typer.Argument(help="Its number or digest. Default: the one before.")
    ] = None,
    *,
    shape: FormatOption = None,
    target: Target,
) -> None:
    """Make a notebook what it was: a new version of old content."""
    from podbook_cli.shipping.versions import roll_back

    _demand_server(target)
    roll_back(notebook, version, target, shape)


def _demand_server(target: Target) -> None:
    """Raise BadInput where nothing names the server: what is found by chance is not written to."""
    if not target.is_named:
        raise BadInput("name the server: --url, --context, or PODBOOK_URL")
