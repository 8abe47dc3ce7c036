"""The commands and their options; each loads what it needs when it is called."""

import sys
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.closed_pipes import let_readers_leave
from podbook_cli.exits import BAD_INPUT, explained
from podbook_cli.target import Target
from podbook_cli.tokens import Token, TokenOfFile

app = typer.Typer(
    name="podbook",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
worker = typer.Typer(help="The old command line of jupyrest.", no_args_is_help=True)
start = typer.Typer(help="Serve a folder of notebooks.", no_args_is_help=True)
app.add_typer(worker, name="worker")
worker.add_typer(start, name="start")

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of notebooks.")]
Url = Annotated[
    str | None,
    typer.Option(envvar="PODBOOK_URL", help="A server. Default: the one that serves this folder."),
]
Directory = Annotated[
    Path | None,
    typer.Option("--dir", help="The folder of notebooks. Default: where you are."),
]
DataDir = Annotated[Path | None, typer.Option(help="Where the server keeps its data.")]
NotebookName = Annotated[
    str, typer.Argument(metavar="NOTEBOOK", help="Its id, or the path of an .ipynb file.")
]
ExecutionId = Annotated[str, typer.Argument(metavar="EXECUTION", help="Its id.")]


def main() -> None:
    """Run the command line."""
    # Closed by who called: what is printed is not wanted.
    sys.stdout = sys.stdout or StringIO()
    sys.stderr = sys.stderr or StringIO()
    let_readers_leave()
    if isinstance(sys.stdout, TextIOWrapper):
        # A notebook prints what it likes; what this terminal cannot show is no fault.
        sys.stdout.reconfigure(errors="backslashreplace")
    app()


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"podbook {version('podbook')}\n")
        raise typer.Exit


@app.callback()
def podbook(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Any notebook, a typed API; every run, its own pod."""


@app.command()
def up(
    folder: Folder = Path(),
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 5050,
    data_dir: DataDir = None,
    python: Annotated[
        Path | None, typer.Option(help="The Python that runs the kernels; needs ipykernel.")
    ] = None,
    slots: Annotated[
        int | None, typer.Option(min=1, help="Runs at once. Default: the number of CPUs.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on; beyond this machine needs a token.")
    ] = "127.0.0.1",
    token: Token = None,
    token_file: TokenOfFile = None,
    allowed_host: Annotated[
        list[str] | None, typer.Option(help="Another name that this machine is called by.")
    ] = None,
    grpc_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve jupyrest's gRPC too. Default: off.")
    ] = None,
    example: Annotated[
        str | None, typer.Option(metavar="NOTEBOOK", help="Run it once and show how.")
    ] = None,
    enable_faults: Annotated[bool, typer.Option("--enable-faults", hidden=True)] = False,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve a folder of notebooks on this machine, until Ctrl-C."""
    if sys.platform == "win32":
        sys.stderr.write("podbook up needs Linux or macOS; on Windows run it inside WSL.\n")
        raise typer.Exit(BAD_INPUT)
    from podbook_local.up.main import up as serve
    from podbook_local.up.options import Options

    options = Options(
        folder,
        port=port,
        data_dir=data_dir,
        python=python,
        slots=slots,
        host=host,
        token=token_file or token,
        allowed_hosts=allowed_host or [],
        grpc_port=grpc_port,
        example=example,
        enable_faults=enable_faults,
        parent=parent,
    )
    raise typer.Exit(serve(options))


@app.command()
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
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
    python: Annotated[
        Path | None, typer.Option(help="The Python that runs the kernel, if none serves yet.")
    ] = None,
) -> None:
    """Run a notebook, show how far it is, and print its output as JSON.

    Ctrl-C cancels the run; what it has so far is saved. Exit codes: 0 it succeeded, 1 the notebook
    failed, 2 bad input, 3 a fault of the cluster, 130 Ctrl-C.
    """
    from podbook_cli.run import run_notebook

    target = Target(
        url=url, token=token_file or token, directory=directory, data_dir=data_dir, python=python
    )
    with explained():
        code = run_notebook(
            notebook, parameter or [], parameters_file or [], target=target, save_to=output
        )
    raise typer.Exit(code)


@app.command("list")
def list_executions(
    *,
    notebook: Annotated[str | None, typer.Option(help="Only runs of this notebook.")] = None,
    phase: Annotated[str | None, typer.Option(help="Only runs in this phase.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
) -> None:
    """List executions, the newest first."""
    from podbook_cli.show import show_list

    with explained(), Target(url, token_file or token, directory, data_dir).client() as client:
        show_list(client, notebook=notebook, phase=phase, limit=limit, as_json=json_lines)


@app.command()
def get(
    execution: ExecutionId,
    *,
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
) -> None:
    """Show an execution as JSON."""
    from podbook_cli.show import show_execution

    with explained(), Target(url, token_file or token, directory, data_dir).client() as client:
        show_execution(client, execution)


@app.command()
def cancel(
    execution: ExecutionId,
    *,
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
) -> None:
    """Cancel an execution; what it has so far is saved."""
    with explained(), Target(url, token_file or token, directory, data_dir).client() as client:
        sys.stdout.write(f"{client.cancel(execution).phase}\n")


@app.command()
def logs(
    execution: ExecutionId,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")
    ] = False,
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
) -> None:
    """Print what the cells of an execution printed."""
    from podbook_cli.followed_logs import follow_logs
    from podbook_cli.show import show_logs

    with explained(), Target(url, token_file or token, directory, data_dir).client() as client:
        follow_logs(client, execution) if follow else show_logs(client, execution)


@app.command()
def contract(
    notebook: NotebookName,
    *,
    url: Url = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
) -> None:
    """Print a notebook's contract as the config file to keep beside it."""
    from podbook_cli.contract import show_contract

    with explained():
        show_contract(notebook, Target(url, token_file or token, directory, data_dir))


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
