"""The command line of jupyrest: `worker start`."""

from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.serve import up
from podbook_cli.commands.told import Group, told

_EXAMPLE = "Example:  \n`podbook worker start http --notebooks-dir notebooks`"

worker = typer.Typer(
    cls=Group, epilog=_EXAMPLE, help="The old command line of jupyrest.", no_args_is_help=True
)
start = typer.Typer(
    cls=Group, epilog=_EXAMPLE, help="Serve a folder of notebooks.", no_args_is_help=True
)
worker.add_typer(start, name="start")

NotebooksDir = Annotated[
    Path, typer.Option("--notebooks-dir", metavar="DIR", help="The folder of notebooks.")
]
Port = Annotated[
    int, typer.Option(min=0, max=65535, metavar="PORT", help="Where to listen; 0: any free port.")
]


@start.command("http", **told(None, "podbook worker start http --notebooks-dir notebooks"))
def start_http(
    notebooks_dir: NotebooksDir = Path("notebooks"),
    port: Port = 5050,
) -> None:
    """Serve over HTTP, as `python -m jupyrest worker start http` did."""
    up(notebooks_dir, port=port)


@start.command("grpc", **told(None, "podbook worker start grpc --notebooks-dir notebooks"))
def start_grpc(
    notebooks_dir: NotebooksDir = Path("notebooks"),
    port: Port = 50051,
) -> None:
    """Serve over gRPC, as `python -m jupyrest worker start grpc` did; REST takes a free port."""
    up(notebooks_dir, port=0, grpc_port=port)
