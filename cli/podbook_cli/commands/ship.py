"""From a folder to a server: `check`, `test`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.told import told
from podbook_cli.exits import explained
from podbook_cli.options import Context, Url, targeted
from podbook_cli.printing.formats import FormatOption
from podbook_cli.servers.target import Target
from podbook_cli.servers.tokens import Token, TokenOfFile
from podbook_cli.servers.which import resolved

commands = typer.Typer()
_PANEL = "Ship"

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of notebooks.")]
Python = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The Python that runs the kernels, and reads shared models."),
]


@commands.command(
    **told(_PANEL, "podbook check notebooks", "podbook check notebooks --context team")
)
def check(
    folder: Folder = Path(),
    *,
    python: Python = None,
    shape: FormatOption = None,
    context: Context = None,
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
) -> None:
    """Say what is wrong in a folder: file, place, and what to do. Starts nothing, needs no server.

    With --context or --url also what keeps it from running on that server: environments that no
    image holds there, limits, notebooks of others. Exit codes: 0 all can run, 1 something cannot,
    2 bad input, 3 the server gave no answer.
    """
    from podbook_cli.shipping.check import check as check_folder

    with explained():
        target = None
        if url is not None or context is not None:
            named = Target(url, token_file or token)
            target = resolved(named, context=context, environment=os.environ)
        code = check_folder(folder, target, python=python, shape=shape)
    raise typer.Exit(code)


@commands.command(
    "test",
    **told(_PANEL, "podbook test notebooks --junit report.xml", "podbook test notebooks --update"),
)
@targeted
def try_examples(
    folder: Folder = Path(),
    *,
    python: Python = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report in JUnit's XML.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write the outputs that came into the examples.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to keep the executed notebooks.")
    ] = None,
    shape: FormatOption = None,
    target: Target,
) -> int:
    """Run the examples of every notebook, and say what is not as expected.

    On a server of its own, unless one is named. A notebook without examples is run with its
    defaults. Exit codes: 0 all is as expected, 1 something is not, 2 bad input, 3 a fault
    of the cluster, or no server.
    """
    from podbook_cli.shipping.testing import Wanted, try_folder

    return try_folder(Wanted(folder, python, junit, update, keep, shape), target)
