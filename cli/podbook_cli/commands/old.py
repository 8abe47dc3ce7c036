"""The command line of jupyrest: `worker start`."""

from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.serve import up

worker = typer.Typer(help="The old command line of jupyrest.", no_args_is_help=True)
start = typer.Typer(help="Serve a folder of notebooks.", no_args_is_help=True)
worker.add_typer(start, name="start")

NotebooksDir = Annotated[Path, typer.Option("--notebooks-dir", help="The folder of notebooks.")]


@start.command("http")
def start_http(
    notebooks_dir: NotebooksDir = Path("notebooks"),
    port: Annotated[int, typer.Option(min=0, max=65535)] = 5050,
) -> None:
    """Serve over HTTP, as `python -m jupyrest worker start http` did."""
    up(notebooks_dir, port=port)


@start.command("grpc")
def start_grpc(
    notebooks_dir: NotebooksDir = Path("notebooks"),
    port: Annotated[int, typer.Option(min=0, max=65535)] = 50051,
) -> None:
    """Serve over gRPC, as `python -m jupyrest worker start grpc` did; REST takes a free port."""
    up(notebooks_dir, port=0, grpc_port=port)
