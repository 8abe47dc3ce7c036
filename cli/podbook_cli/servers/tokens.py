"""The token of a server: from the environment or a file first, since others see command lines."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from podbook_cli.exits import BAD_INPUT

_SEEN = (
    "--token TOKEN is seen by everybody on this machine (ps), notebooks included: set PODBOOK_TOKEN"
    " or give --token-file FILE\n"
)


def _warned(context: typer.Context, token: str | None) -> str | None:
    source: Any = context.get_parameter_source("token")
    if token is not None and source is not None and source.name == "COMMANDLINE":
        sys.stderr.write(_SEEN)
    return token


def _read(file: str | None) -> str | None:
    """Return the token that the file holds."""
    if file is None:
        return None
    try:
        token = Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"--token-file {file} cannot be read: {error}\n")
        raise typer.Exit(BAD_INPUT) from error
    if not token or not token.isascii() or any(each.isspace() for each in token):
        sys.stderr.write(f"--token-file {file} holds no token: write one line of ASCII into it\n")
        raise typer.Exit(BAD_INPUT)
    return token


Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        envvar="PODBOOK_TOKEN",
        callback=_warned,
        help="The token the server asks for. Better in PODBOOK_TOKEN: others see command lines.",
    ),
]
# Its value is the token: the file has been read.
TokenOfFile = Annotated[
    str | None,
    typer.Option(
        "--token-file", metavar="FILE", callback=_read, help="A file that holds the token."
    ),
]
