"""Running a notebook: `run`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.options import NotebookName, targeted
from podbook_cli.servers.target import Target

commands = typer.Typer()


@commands.command(rich_help_panel="Run")
@targeted
def run(
    notebook: NotebookName,
    *,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", metavar="NAME=VALUE", help="A parameter; JSON or plain text."),
    ] = None,
    parameters_file: Annotated[
        list[Path] | None, typer.Option("-P", metavar="FILE", help="Parameters as YAML or JSON.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", help="Where to save the executed notebook.")
    ] = None,
    python: Annotated[
        Path | None, typer.Option(help="The Python that runs the kernel, if none serves yet.")
    ] = None,
    target: Target,
) -> int:
    """Run a notebook, show how far it is, and print its output as JSON.

    Ctrl-C cancels the run; what it has so far is saved. Exit codes: 0 it succeeded, 1 the notebook
    failed, 2 bad input, 3 a fault of the cluster, 130 Ctrl-C.
    """
    from podbook_cli.running.run import run_notebook

    target = replace(target, python=python)
    return run_notebook(
        notebook, parameter or [], parameters_file or [], target=target, save_to=output
    )
