"""Serving a folder of notebooks: to everybody, or to an agent."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from podbook_cli.commands.told import told
from podbook_cli.exits import BAD_INPUT, BadInput, explained
from podbook_cli.options import Context, DataDir, Directory, Url, targeted
from podbook_cli.printing.formats import FormatOption
from podbook_cli.servers.local_parts import demand_local_parts
from podbook_cli.servers.own_server import own_server
from podbook_cli.servers.target import Target
from podbook_cli.servers.tokens import Token, TokenOfFile

commands = typer.Typer()

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of notebooks.")]


@commands.command(
    **told(
        "Serve",
        "podbook up notebooks --open",
        "podbook up notebooks --port 0 --python .venv/bin/python",
    )
)
def up(
    folder: Folder = Path(),
    *,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="PORT", help="Where to listen; 0: any free port."),
    ] = 5050,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the server keeps its data.")
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The Python that runs the kernels; needs ipykernel."),
    ] = None,
    slots: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Runs at once. Default: the number of CPUs."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="The address to listen on; beyond this machine needs a token."
        ),
    ] = "127.0.0.1",
    token: Token = None,
    token_file: TokenOfFile = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Another name that this machine is called by."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="Let pages of https://HOST use the API (CORS)."),
    ] = None,
    embed_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="An origin whose pages may show reports: https://wiki.example.org",
        ),
    ] = None,
    grpc_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="Serve jupyrest's gRPC too. Default: off."
        ),
    ] = None,
    example: Annotated[
        str | None,
        typer.Option(metavar="NOTEBOOK", help="Run this notebook once and show how to call it."),
    ] = None,
    is_opened: Annotated[
        bool, typer.Option("--open", help="Show its first page in a browser.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say nothing of runs and reloads; faults are told.")
    ] = False,
    enable_faults: Annotated[bool, typer.Option("--enable-faults", hidden=True)] = False,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve a folder of notebooks on this machine, until Ctrl-C."""
    if sys.platform == "win32":
        sys.stderr.write("podbook up needs Linux or macOS; on Windows run it inside WSL.\n")
        raise typer.Exit(BAD_INPUT)
    with explained():
        demand_local_parts()
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
        allowed_origins=allow_origin or [],
        embed_origins=embed_origin or [],
        grpc_port=grpc_port,
        example=example,
        is_opened=is_opened,
        quiet=quiet,
        enable_faults=enable_faults,
        parent=parent,
    )
    raise typer.Exit(serve(options))


@commands.command(**told("Serve", "podbook mcp --client codex", "podbook mcp --stdio notebooks"))
@targeted
def mcp(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="With --stdio: the folder to serve.")
    ] = None,
    *,
    client: Annotated[
        str | None, typer.Option(metavar="NAME", help="For this client alone, such as codex.")
    ] = None,
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Serve a folder on stdin and stdout, for a client.")
    ] = False,
    target: Target,
) -> None:
    """Give agents the notebooks as tools: what to paste into which client."""
    if not stdio:
        if folder is not None:
            raise BadInput("DIR goes with --stdio; a server's folder is named with --dir")
        from podbook_cli.agents.clients import show

        with target.client() as server:
            show(server.url, target.folder, client=client, has_token=target.token is not None)
        return
    demand_local_parts()
    from podbook_cli.agents.stdio import serve

    where = (folder or target.folder).absolute()
    with own_server(where, data_dir=target.data_dir, python=target.python) as url:
        serve(url)


@commands.command(**told("Serve", "podbook doctor", "podbook doctor --context prod --format json"))
def doctor(
    *,
    url: Url = None,
    context: Context = None,
    token: Token = None,
    token_file: TokenOfFile = None,
    directory: Directory = None,
    data_dir: DataDir = None,
    kube_context: Annotated[
        str | None,
        typer.Option(metavar="CONTEXT", help="With --url: its cluster, a context of kubectl's."),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where Podbook is in that cluster. Default: podbook."),
    ] = None,
    shape: FormatOption = None,
) -> None:
    """Say what is wrong with an installation, each with its cure; 1 where anything is."""
    from podbook_cli.doctor.examination import Asked, examine
    from podbook_cli.doctor.printed import print_findings

    target = Target(url, token_file or token, directory, data_dir)
    with explained():
        asked = Asked(target, context, kube_context, namespace, os.environ)
        code = print_findings(examine(asked), shape)
    raise typer.Exit(code)
