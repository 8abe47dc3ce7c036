"""What commands have in common: the options that name a server, and how a command ends."""

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from podbook_cli import completion
from podbook_cli.exits import SUCCEEDED, explained
from podbook_cli.servers.target import Target
from podbook_cli.servers.tokens import Token, TokenOfFile
from podbook_cli.servers.which import resolved

_WHICH: Final = "Which server"

Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="A server (PODBOOK_URL). Default: the one that serves this folder.",
        rich_help_panel=_WHICH,
    ),
]
Context = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="A server by its name (PODBOOK_CONTEXT): `podbook context`.",
        rich_help_panel=_WHICH,
    ),
]
Directory = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        metavar="DIR",
        help="The folder of notebooks. Default: where you are.",
        rich_help_panel=_WHICH,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where the server keeps its data.", rich_help_panel=_WHICH),
]
NotebookName = Annotated[
    str,
    typer.Argument(
        metavar="NOTEBOOK",
        help="Its id, or the path of an .ipynb file.",
        autocompletion=completion.notebooks,
    ),
]
_BY: Final = "Its id, the beginning of it, @last, @last:NOTEBOOK or @failed."
ExecutionId = Annotated[
    str, typer.Argument(metavar="ID", help=_BY, autocompletion=completion.executions)
]
ExecutionIds = Annotated[
    list[str], typer.Argument(metavar="ID...", help=_BY, autocompletion=completion.executions)
]
# For commands that change nothing: the newest run is meant where none is named.
LookedAt = Annotated[
    str,
    typer.Argument(metavar="ID", help=_BY, autocompletion=completion.executions),
]
Parameter = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        metavar="NAME=VALUE",
        help="A parameter; JSON or plain text.",
        autocompletion=completion.parameters,
    ),
]
ParametersFile = Annotated[
    list[Path] | None, typer.Option("-P", metavar="FILE", help="Parameters as YAML or JSON.")
]


def _named(
    *,
    url: Url = None,
    context: Context = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
) -> Target:
    """Return the server that the options name: this signature is where they stand."""
    target = Target(url, token_file or token, directory, data_dir)
    return resolved(target, context=context, environment=os.environ)


_NAMING = inspect.signature(_named).parameters


def targeted(command: Callable[..., int | None]) -> Callable[..., None]:
    """Give a command the options that name a server; it takes them as one argument, `target`.

    What it raises becomes a sentence and an exit code, what it returns is its own code.
    """
    own = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def called(**given: Any) -> None:
        naming = {name: given.pop(name) for name in _NAMING}
        with explained():
            target = _named(**naming)
            code = command(**given, target=target)
        raise typer.Exit(SUCCEEDED if code is None else code)

    shown = [p for name, p in own.parameters.items() if name != "target"]
    # Where typer looks for a command's options.
    called.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[*shown, *_NAMING.values()], return_annotation=None
    )
    return called
