"""Which servers there are, and which one is meant: `context`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from podbook_cli.commands.told import Group, told
from podbook_cli.exits import BadInput, explained
from podbook_cli.printing.formats import Columns, FormatOption
from podbook_cli.servers import contexts
from podbook_cli.servers.contexts import Context

commands = typer.Typer(
    cls=Group,
    help="Say which servers there are, give them names, and choose one.",
    no_args_is_help=False,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the server is called.")]


@commands.callback(
    invoke_without_command=True,
    epilog="Examples:  \n`podbook context`  \n`podbook context use team`",
)
def context(called: typer.Context) -> None:
    """Show the servers that are known, or change which one is used."""
    if called.invoked_subcommand is None:
        list_contexts()


@commands.command("list", **told(None, "podbook context list --format json"))
def list_contexts(*, shape: FormatOption = None) -> None:
    """List the servers: those by name, and those that serve a folder on this machine."""
    from podbook_cli.printing.formats import print_rows

    with explained():
        rows = [*_servers()]
        if rows or shape is not None:
            print_rows(rows, shape, columns=_COLUMNS, fields=("name", "place", "folder", "used"))
        else:
            said = "no server has a name here, and none serves a folder: `podbook up DIR` does, and"
            sys.stderr.write(f"{said} `podbook context add NAME --url URL` names one\n")


_COLUMNS: Final[Columns] = {
    "": lambda row: "*" if row["used"] else " ",
    "Name": lambda row: row["name"] or "-",
    "Server": lambda row: row["place"],
    "Serves": lambda row: row["folder"] or "-",
}


def _servers() -> Iterator[dict[str, Any]]:
    from podbook_cli.servers.laptops import served_here

    known = contexts.read(contexts.place(os.environ))
    for name, each in sorted(known.known.items()):
        used = name == known.used
        yield {"name": name, "place": each.place, "folder": None, "used": used}
    for state in served_here(os.environ):
        yield {"name": None, "place": state["url"], "folder": state["catalog"], "used": False}


@commands.command(**told(None, "podbook context use team"))
def use(name: Name) -> None:
    """Use a server wherever nothing else says which one is meant."""
    with explained():
        path = contexts.place(os.environ)
        contexts.write(path, contexts.read(path).using(name))


@commands.command(
    **told(
        None,
        "podbook context add team --url https://podbook.example.com",
        "podbook context add prod --kube-context prod-cluster",
    )
)
def add(
    name: Name,
    *,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it is: http://HOST:PORT.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Holds the token that is shown there.")
    ] = None,
    kube_context: Annotated[
        str | None, typer.Option(metavar="CONTEXT", help="A context of your kubeconfig.")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where Podbook is in that cluster. Default: podbook."),
    ] = None,
) -> None:
    """Give a server a name: one at a URL, or one in a cluster that kubectl reaches."""
    from podbook_cli.servers.target import checked_url

    with explained():
        if (url is None) == (kube_context is None):
            raise BadInput("say where it is: --url http://HOST:PORT, or --kube-context CONTEXT")
        if namespace is not None and kube_context is None:
            raise BadInput("--namespace goes with --kube-context")
        file = None if token_file is None else os.path.abspath(token_file)
        made = Context(checked_url(url), file, kube_context, namespace)
        path = contexts.place(os.environ)
        contexts.write(path, contexts.read(path).with_one(name, made))


@commands.command(**told(None, "podbook context remove team"))
def remove(name: Name) -> None:
    """Forget a server's name; the server itself goes on."""
    with explained():
        path = contexts.place(os.environ)
        contexts.write(path, contexts.read(path).without(name))
