"""Running a notebook: `run`, `rerun`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.told import told
from podbook_cli.options import LookedAt, NotebookName, Parameter, ParametersFile, targeted
from podbook_cli.printing.formats import Format
from podbook_cli.servers.target import Target

commands = typer.Typer()
_PANEL = "Run"

Output = Annotated[
    Path | None, typer.Option("-o", metavar="FILE", help="Where to save the executed notebook.")
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Print the run's id and leave it to the server.")
]
Timeout = Annotated[
    float | None,
    typer.Option(min=0, metavar="SECONDS", help="Wait no longer; the run goes on. Exit code 124."),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Run it though its notebook's cache has an answer.")
]
Whole = Annotated[
    Format | None,
    typer.Option(
        "--format", help="Print the whole run, however it ended, instead of its output as JSON."
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Show the run's page in a browser.")]


@commands.command(
    **told(
        _PANEL,
        "podbook run analysis -p customer=microsoft -p 'years=[2025, 2026]'",
        "podbook run analysis -P parameters.yaml -o executed.ipynb",
        "podbook run analysis --format json > run.json",
    )
)
@targeted
def run(
    notebook: NotebookName,
    *,
    parameter: Parameter = None,
    parameters_file: ParametersFile = None,
    example: Annotated[
        str | None, typer.Option(metavar="NAME", help="Take the parameters of one of its examples.")
    ] = None,
    output: Output = None,
    no_wait: NoWait = False,
    timeout: Timeout = None,
    is_strict: Annotated[
        bool, typer.Option("--strict", help="Refuse parameters that change nothing.")
    ] = False,
    is_opened: Open = False,
    is_fresh: Fresh = False,
    python: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The Python that runs the kernel, if none serves yet."),
    ] = None,
    shape: Whole = None,
    target: Target,
) -> int:
    """Run a notebook, show how far it is, and print its output as JSON.

    How far it is, warnings, and what went wrong stand on stderr: stdout is the output alone, or
    with --format the run as `podbook get` prints it, its output however large within.

    Ctrl-C cancels the run; what it has so far is saved. Exit codes: 0 it succeeded, 1 the notebook
    failed, 2 bad input, 3 a fault of the cluster, or no server, 124 --timeout was over, 130 Ctrl-C.
    """
    from podbook_cli.running.run import Asked, run_notebook

    asked = Asked(output, not no_wait, timeout, is_opened, example, is_fresh, is_strict, shape)
    target = replace(target, python=python)
    return run_notebook(
        notebook, parameter or [], parameters_file or [], target=target, asked=asked
    )


@commands.command(**told(_PANEL, "podbook rerun @failed -p customer=contoso"))
@targeted
def rerun(
    execution: LookedAt = "@last",
    *,
    parameter: Parameter = None,
    same_version: Annotated[
        bool, typer.Option("--same-version", help="Run the notebook as it was then.")
    ] = False,
    output: Output = None,
    no_wait: NoWait = False,
    timeout: Timeout = None,
    is_opened: Open = False,
    shape: Whole = None,
    target: Target,
) -> int:
    """Run a notebook again with the parameters of a run, those of -p changed.

    Everything else is as with `podbook run`.
    """
    from podbook_cli.running.rerun import rerun_execution
    from podbook_cli.running.run import Asked

    asked = Asked(output, not no_wait, timeout, is_opened, shape=shape)
    return rerun_execution(
        execution, parameter or [], target=target, asked=asked, same_version=same_version
    )
